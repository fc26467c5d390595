// Google's own client for Node, with its default settings: a search, and the event that follows from it.
//
//     node search_and_track.mjs HOST PORT TENANT
//
// It prints one line of JSON. Nothing of talent-events is in here.

import { createRequire } from "node:module";

import talent from "@google-cloud/talent";

const [host, port, parent] = process.argv.slice(2);
// The gRPC of Google's client itself: another copy would not accept its credentials.
const { grpc } = createRequire(import.meta.resolve("@google-cloud/talent"))("google-gax");
// Only for plaintext: the defaults are TLS and the credentials of the machine.
const emulator = { apiEndpoint: host, port: Number(port), sslCreds: grpc.credentials.createInsecure() };

const jobs = new talent.v4.JobServiceClient(emulator);
const events = new talent.v4.EventServiceClient(emulator);

const requestMetadata = { domain: "board.example", sessionId: "s-1", userId: "u-1" };
const [page] = await jobs.searchJobs({ parent, requestMetadata, maxPageSize: 2 });
const shown = page.matchingJobs.map((matching) => matching.job.name);
const [event] = await events.createClientEvent({
  parent,
  clientEvent: {
    requestId: page.metadata.requestId,
    eventId: "node-1",
    createTime: { seconds: 1770111000 },
    jobEvent: { type: "IMPRESSION", jobs: shown },
  },
});
console.log(JSON.stringify({ totalSize: page.totalSize, jobs: shown, type: event.jobEvent.type, requestId: event.requestId }));
await Promise.all([jobs.close(), events.close()]);
