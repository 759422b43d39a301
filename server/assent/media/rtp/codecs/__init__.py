"""The little that forwarding needs to know of each codec: where decoding may begin."""
