"""An EventService made of Google's own Python classes: what they read of a call is what the service reads.

The first line of stdout is the port. Then each call takes a line of stdin, which says what to answer, and prints what
it has received:

    "echo"                     the event as it came
    {"event": {…}}             this event, in proto3 JSON
    {"status": {…}}            this google.rpc.Status, in proto3 JSON, its details as they travel in a real one

It ends with its stdin, so that nothing is left behind by a test that was killed.
"""

from __future__ import annotations

import json
import queue
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs

import grpc

# Not used by name: the details of a status are read by the types that this registers.
from google.cloud import talent_v4
from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.unknown_fields import UnknownFieldSet
from google.rpc import error_details_pb2, status_pb2  # noqa: F401
from grpc_status import rpc_status

# What to answer to the next calls. The pipe may be behind the call, so a call waits a little for its line.
SCRIPT: queue.Queue[str] = queue.Queue()
SECONDS_TO_WAIT = 10


def create_client_event(body: bytes, context: grpc.ServicerContext) -> bytes:
    """Takes a call as it came over the wire."""
    request = talent_v4.CreateClientEventRequest.deserialize(body)
    # In one write, so that calls at the same time do not share a line.
    sys.stdout.write(json.dumps(received(request, context)) + "\n")
    sys.stdout.flush()
    try:
        then = json.loads(SCRIPT.get(timeout=SECONDS_TO_WAIT))
    except queue.Empty:
        context.abort(grpc.StatusCode.INTERNAL, "the test did not say what to answer")
    if then == "echo":
        return talent_v4.ClientEvent.serialize(request.client_event)
    if "status" in then:
        status = json_format.ParseDict(then["status"], status_pb2.Status())
        context.abort_with_status(rpc_status.to_status(status))
    return talent_v4.ClientEvent.serialize(talent_v4.ClientEvent.from_json(json.dumps(then["event"])))


def received(request: talent_v4.CreateClientEventRequest, context: grpc.ServicerContext) -> dict[str, Any]:
    """Tells what a call holds, read by Google's classes."""
    event = request.client_event
    raw = talent_v4.CreateClientEventRequest.pb(request)
    headers = {item.key: item.value for item in context.invocation_metadata() if isinstance(item.value, str)}
    return {
        "parent": request.parent,
        "requestId": event.request_id,
        "eventId": event.event_id,
        "createTime": {"seconds": raw.client_event.create_time.seconds, "nanos": raw.client_event.create_time.nanos},
        "kind": raw.client_event.WhichOneof("event"),
        "type": event.job_event.type_.name,
        "jobs": list(event.job_event.jobs),
        "eventNotes": event.event_notes,
        "unknown": unknown_fields(raw),
        "json": json.loads(talent_v4.ClientEvent.to_json(event, use_integers_for_enums=False)),
        "routing": parse_qs(headers.get("x-goog-request-params", "")),
        "headers": headers,
        "secondsLeft": context.time_remaining(),
    }


def unknown_fields(message: Message) -> int:
    """Counts the fields that Google's classes do not know, at any depth: there should be none."""
    inside = [value for field, value in message.ListFields() if field.message_type and not isinstance(value, list)]
    return len(UnknownFieldSet(message)) + sum(unknown_fields(value) for value in inside if isinstance(value, Message))


def main() -> None:
    """Serves on a free port until stdin ends."""
    handler = grpc.unary_unary_rpc_method_handler(create_client_event)  # Bytes in, bytes out.
    service = grpc.method_handlers_generic_handler(
        "google.cloud.talent.v4.EventService", {"CreateClientEvent": handler}
    )
    server = grpc.server(ThreadPoolExecutor(16), handlers=[service])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    for line in sys.stdin:
        SCRIPT.put(line)
    server.stop(grace=None)


if __name__ == "__main__":
    main()
