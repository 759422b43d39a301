"""Packets as the RFCs have them: RTP, RTCP, feedback, redundancy, and how a stream arrives."""
