"""Prints what Google's Python package says of its messages, as a serialised google.protobuf.FileDescriptorSet."""

from __future__ import annotations

import sys

from google.cloud import talent_v4
from google.protobuf.descriptor_pb2 import FileDescriptorSet

MESSAGES = (
    talent_v4.ClientEvent,
    talent_v4.CreateClientEventRequest,
    talent_v4.DeviceInfo,
    talent_v4.JobEvent,
    talent_v4.RequestMetadata,
    talent_v4.ResponseMetadata,
)


def main() -> None:
    """Writes each file that has one of the messages, once."""
    files = {message.pb().DESCRIPTOR.file.name: message.pb().DESCRIPTOR.file for message in MESSAGES}
    found = FileDescriptorSet()
    for file in files.values():
        file.CopyToProto(found.file.add())
    sys.stdout.buffer.write(found.SerializeToString())


if __name__ == "__main__":
    main()
