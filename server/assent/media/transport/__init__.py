"""The transport: datagrams and TCP in, ICE, DTLS and SRTP of one connection, datagrams out."""
