"""Google's own Python client, driven by a test.

A line of stdin is a JSON list of calls, made all at once; a line of stdout is the list of their answers, in the same
order. It ends with its stdin, so that nothing is left behind by a test that was killed.

Nothing of talent-events is in here: how a call travels is Google's code alone.
"""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import grpc
from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import talent_v4
from google.cloud.talent_v4.services.event_service.transports import (
    EventServiceGrpcTransport,
    EventServiceRestTransport,
)
from google.cloud.talent_v4.services.job_service.transports import (
    JobServiceGrpcTransport,
    JobServiceRestTransport,
)
from google.protobuf import json_format
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

THREADS = 16


class NoCredentials(AnonymousCredentials):
    """Google's, but that where a server asks for a token its refusal comes through, as it does with real ones."""

    def refresh(self, request: object) -> None:
        """Change nothing, instead of raising an error of its own."""


def event_client(transport: str, host: str) -> talent_v4.EventServiceClient:
    """Answers a client of the emulator: both transports would insist on TLS and credentials if they were left alone."""
    if transport == "grpc":
        return talent_v4.EventServiceClient(transport=EventServiceGrpcTransport(channel=grpc.insecure_channel(host)))
    return talent_v4.EventServiceClient(
        transport=EventServiceRestTransport(host=host, url_scheme="http", credentials=NoCredentials())
    )


def job_client(transport: str, host: str) -> talent_v4.JobServiceClient:
    """Returns a client for searches, by the same transport."""
    if transport == "grpc":
        return talent_v4.JobServiceClient(transport=JobServiceGrpcTransport(channel=grpc.insecure_channel(host)))
    return talent_v4.JobServiceClient(
        transport=JobServiceRestTransport(host=host, url_scheme="http", credentials=NoCredentials())
    )


def client_event(fields: dict[str, Any]) -> talent_v4.ClientEvent:
    """Makes an event as an app would; what is not given is not set."""
    event = talent_v4.ClientEvent()
    if "requestId" in fields:
        event.request_id = fields["requestId"]
    if "eventId" in fields:
        event.event_id = fields["eventId"]
    if "createTime" in fields:
        # Not as a datetime, which ends at microseconds.
        event.create_time = Timestamp(**fields["createTime"])
    if "jobEvent" in fields:
        job_event = fields["jobEvent"]
        kind = job_event["type"]
        # By its name where there is one: that Google's names and numbers are ours is to be shown.
        number = talent_v4.JobEvent.JobEventType[kind] if isinstance(kind, str) else kind
        event.job_event = talent_v4.JobEvent(type_=number, jobs=job_event["jobs"])
    if "eventNotes" in fields:
        event.event_notes = fields["eventNotes"]
    return event


def fields_of(event: talent_v4.ClientEvent) -> dict[str, Any]:
    """Reads an event by the attributes that an app reads it by, in the form that `client_event` takes."""
    exact = talent_v4.ClientEvent.pb(event).create_time
    return {
        "requestId": event.request_id,
        "eventId": event.event_id,
        "createTime": {"seconds": exact.seconds, "nanos": exact.nanos},
        "jobEvent": {"type": event.job_event.type_.name, "jobs": list(event.job_event.jobs)},
        "eventNotes": event.event_notes,
    }


def create(client: talent_v4.EventServiceClient, call: dict[str, Any]) -> dict[str, Any]:
    """Creates an event. `metadata` are headers, `timeout` is in seconds; without it Google's default holds."""
    options: dict[str, Any] = {"metadata": list(call.get("metadata", {}).items())}
    if "timeout" in call:
        options["timeout"] = call["timeout"]
    answer = client.create_client_event(parent=call["parent"], client_event=client_event(call["event"]), **options)
    return {"event": fields_of(answer)}


def search(client: talent_v4.JobServiceClient, call: dict[str, Any]) -> dict[str, Any]:
    """Searches for jobs, and returns what an app needs of the response."""
    user = talent_v4.RequestMetadata(
        domain="board.example",
        session_id="s-1",
        user_id="u-1",
        device_info=talent_v4.DeviceInfo(device_type=talent_v4.DeviceInfo.DeviceType.MOBILE_WEB, id="d-1"),
    )
    found = client.search_jobs(
        request=talent_v4.SearchJobsRequest(
            parent=call["parent"],
            request_metadata=user,
            job_query=talent_v4.JobQuery(query="nurse"),
            max_page_size=call["pageSize"],
        )
    )
    return {
        "requestId": found.metadata.request_id,
        "totalSize": found.total_size,
        "jobs": [match.job.name for match in found.matching_jobs],
    }


def error_of(error: Exception) -> dict[str, Any]:
    """Tells an error as an app that catches it sees it."""
    kind = type(error)
    told: dict[str, Any] = {"class": f"{kind.__module__}.{kind.__name__}", "words": str(error)}
    if isinstance(error, exceptions.GoogleAPICallError):
        told |= {
            "http": int(error.code) if error.code is not None else None,
            "grpc": error.grpc_status_code.name if error.grpc_status_code is not None else None,
            "message": error.message,
            "reason": error.reason,
            "domain": error.domain,
            "details": [detail_of(detail) for detail in error.details],
        }
    return {"error": told}


def detail_of(detail: Message | dict[str, Any]) -> dict[str, Any]:
    """Gives a detail the form it has in JSON: over gRPC they are messages."""
    if isinstance(detail, Message):
        return {"@type": f"type.googleapis.com/{detail.DESCRIPTOR.full_name}", **json_format.MessageToDict(detail)}
    return detail


def answer(
    events: talent_v4.EventServiceClient, jobs: talent_v4.JobServiceClient, call: dict[str, Any]
) -> dict[str, Any]:
    """Makes one call. Whatever is raised is an answer too: which class it is of is what the tests ask for."""
    try:
        return search(jobs, call) if "pageSize" in call else create(events, call)
    except Exception as error:  # noqa: BLE001
        return error_of(error)


def main() -> None:
    """Answers line by line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("transport", choices=["grpc", "rest"])
    parser.add_argument("host", help="host:port, in plaintext")
    arguments = parser.parse_args()
    events = event_client(arguments.transport, arguments.host)
    jobs = job_client(arguments.transport, arguments.host)
    with ThreadPoolExecutor(THREADS) as pool:
        for line in sys.stdin:
            answers = list(pool.map(partial(answer, events, jobs), json.loads(line)))
            print(json.dumps(answers), flush=True)


if __name__ == "__main__":
    main()
