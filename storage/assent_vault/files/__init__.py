"""Files and folders of this process: whose they are, how they last, how much room there is."""
