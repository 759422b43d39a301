"""The media plane in processes of its own: rooms far away that look like rooms.

:class:`MediaProcesses` has the face of :class:`assent.media.MediaServer`, and a media process runs
just that. Between the two are four sockets for each process:

========= ======================================== =================================================
control   stream, both ways, in order              what is asked of rooms, and what they tell
copies    packets, to the web process              what a tap gets
misrouted packets, both ways, may be lost          connectivity checks from addresses nobody knows
front     UDP, shared by all                       the port; read by the web process alone
========= ======================================== =================================================
"""

from assent.media.processes.supervisor import MediaProcesses

__all__ = ["MediaProcesses"]
