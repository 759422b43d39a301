// The browser's half of the media test: publishes a camera and a microphone, plays what it is sent.
"use strict";

const state = { elements: {}, publishing: null, subscribing: null, session: "", errors: [] };
window.state = state;
window.addEventListener("unhandledrejection", (event) => state.errors.push(String(event.reason)));

const socket = new WebSocket(`ws://${location.host}/socket${location.search}`);
const opened = new Promise((resolve) => { socket.onopen = resolve; });
const configuration = { bundlePolicy: "max-bundle", iceServers: window.iceServers ?? [] };
let published = () => undefined;
let chain = Promise.resolve();

socket.onmessage = (event) => {
  const message = JSON.parse(event.data);
  if (message.type === "published") published(message.sdp);
  if (message.type === "subscribe") chain = chain.then(() => describe(message));
};

async function describe({ generation, sdp, tracks }) {
  // An offer of another session is one of another connection.
  const session = sdp.match(/^o=- (\d+)/m)[1];
  if (session !== state.session) {
    state.subscribing?.close();
    state.session = session;
    state.subscribing = new RTCPeerConnection(configuration);
    state.subscribing.ontrack = ({ transceiver, track }) => {
      const name = state.names[transceiver.mid];
      const element = document.createElement(track.kind);
      element.autoplay = true;
      element.srcObject = new MediaStream([track]);
      document.body.append(element);
      state.elements[name] = element;
    };
  }
  state.names = Object.fromEntries(tracks.map((t) => [t.mid, `${t.peer}.${t.source}`]));
  const pc = state.subscribing;
  await pc.setRemoteDescription({ type: "offer", sdp });
  await pc.setLocalDescription(await pc.createAnswer());
  socket.send(JSON.stringify({ type: "describe", generation, sdp: pc.localDescription.sdp }));
}

window.publish = async () => {
  await opened;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 640, height: 360 } });
  const pc = state.publishing = new RTCPeerConnection(configuration);
  const sources = [];
  for (const track of stream.getTracks()) {
    pc.addTransceiver(track, { direction: "sendonly" });
    sources.push(track.kind === "audio" ? "microphone" : "camera");
  }
  await pc.setLocalDescription(await pc.createOffer());
  const tracks = pc.getTransceivers().map((t, i) => ({ mid: t.mid, source: sources[i] }));
  const answer = new Promise((resolve) => { published = resolve; });
  socket.send(JSON.stringify({ type: "publish", sdp: pc.localDescription.sdp, tracks }));
  await pc.setRemoteDescription({ type: "answer", sdp: await answer });
};

window.received = async () => {
  const out = {};
  if (!state.subscribing) return out;
  for (const report of (await state.subscribing.getStats()).values()) {
    if (report.type !== "inbound-rtp") continue;
    out[state.names[report.mid]] = {
      frames: report.framesDecoded ?? 0,
      freezes: report.freezeCount ?? 0,
      energy: report.totalAudioEnergy ?? 0,
      lost: report.packetsLost,
      packets: report.packetsReceived,
      nacks: report.nackCount ?? 0,
      repaired: report.retransmittedPacketsReceived ?? 0,
      delay: report.jitterBufferDelay / (report.jitterBufferEmittedCount || 1),
      concealed: report.concealedSamples ?? 0,
      sync: report.estimatedPlayoutTimestamp ?? 0,
    };
  }
  return out;
};

window.sent = async () => {
  const out = {};
  for (const report of (await state.publishing.getStats()).values()) {
    if (report.type === "candidate-pair" && report.nominated) {
      out.rtt = report.currentRoundTripTime;
      out.available = report.availableOutgoingBitrate;
    }
    if (report.type === "outbound-rtp") {
      out[report.kind] = { bytes: report.bytesSent, target: report.targetBitrate, repeated: report.retransmittedPacketsSent, pli: report.pliCount, limited: report.qualityLimitationReason, width: report.frameWidth };
    }
    if (report.type === "remote-inbound-rtp") {
      out[`remote-${report.kind}`] = { rtt: report.roundTripTime, lost: report.packetsLost };
    }
    if (report.type === "transport") out.cipher = report.srtpCipher;
  }
  return out;
};

window.path = async (pc) => {
  const stats = await pc.getStats();
  for (const report of stats.values()) {
    if (report.type !== "transport" || !report.selectedCandidatePairId) continue;
    const pair = stats.get(report.selectedCandidatePairId);
    const local = stats.get(pair.localCandidateId);
    const remote = stats.get(pair.remoteCandidateId);
    return { protocol: local.protocol, type: local.candidateType, address: local.address, remote: remote.address };
  }
  return {};
};
