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
  if (message.type === "layers") void limit(message.wanted);
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
      if (track.kind === "video") watch(name, element);
      state.elements[name] = element;
    };
  }
  state.names = Object.fromEntries(tracks.map((t) => [t.mid, `${t.peer}.${t.source}`]));
  const pc = state.subscribing;
  await pc.setRemoteDescription({ type: "offer", sdp });
  await pc.setLocalDescription(await pc.createAnswer());
  socket.send(JSON.stringify({ type: "describe", generation, sdp: pc.localDescription.sdp }));
}

// The longest time between two pictures that were shown, since it was last asked for.
state.gaps = {};
function watch(name, element) {
  let last = null;
  const shown = (now) => {
    if (last !== null) state.gaps[name] = Math.max(state.gaps[name] ?? 0, now - last);
    last = now;
    element.requestVideoFrameCallback(shown);
  };
  element.requestVideoFrameCallback(shown);
}
window.longestGap = (name) => {
  const gap = state.gaps[name] ?? 0;
  state.gaps[name] = 0;
  return gap;
};

window.show = (shown) => socket.send(JSON.stringify({ type: "view", shown }));

// Send only as many layers as are wanted, from the lowest, as the client does.
state.wanted = [];
async function limit(wanted) {
  state.wanted.push(wanted);
  for (const sender of state.publishing?.getSenders() ?? []) {
    if (sender.track?.kind !== "video" || wanted.camera === undefined) continue;
    const parameters = sender.getParameters();
    parameters.encodings.forEach((encoding, index) => { encoding.active = index < wanted.camera; });
    await sender.setParameters(parameters);
  }
}

const LAYERS = [
  { rid: "q", scaleResolutionDownBy: 4, maxBitrate: 120_000 },
  { rid: "h", scaleResolutionDownBy: 2, maxBitrate: 350_000 },
  { rid: "f", maxBitrate: 1_000_000 },
];

window.publish = async ({ layers = false, codec = null, redundant = false, width = 640, height = 360 } = {}) => {
  await opened;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width, height } });
  const pc = state.publishing = new RTCPeerConnection(configuration);
  const sources = [];
  for (const track of stream.getTracks()) {
    const video = track.kind === "video";
    const section = pc.addTransceiver(track, { direction: "sendonly", sendEncodings: video && layers ? LAYERS : undefined });
    if (video && codec !== null) {
      section.setCodecPreferences(RTCRtpSender.getCapabilities("video").codecs.filter(({ mimeType }) => [codec, "video/rtx"].includes(mimeType)));
    }
    if (!video && redundant) {
      const rank = ({ mimeType }) => ["audio/red", "audio/opus"].indexOf(mimeType);
      section.setCodecPreferences(RTCRtpSender.getCapabilities("audio").codecs.filter((one) => rank(one) >= 0).sort((one, other) => rank(one) - rank(other)));
    }
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
      frozen: report.totalFreezesDuration ?? 0,
      height: report.frameHeight ?? 0,
      bytes: report.bytesReceived,
      plis: report.pliCount ?? 0,
      keys: report.keyFramesDecoded ?? 0,
      dropped: report.framesDropped ?? 0,
      energy: report.totalAudioEnergy ?? 0,
      lost: report.packetsLost,
      packets: report.packetsReceived,
      nacks: report.nackCount ?? 0,
      repaired: report.retransmittedPacketsReceived ?? 0,
      delay: report.jitterBufferDelay / (report.jitterBufferEmittedCount || 1),
      concealed: report.concealedSamples ?? 0,
      samples: report.totalSamplesReceived ?? 0,
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
      if (report.rid !== undefined) out[report.rid] = { bytes: report.bytesSent, height: report.frameHeight, fps: report.framesPerSecond, keys: report.keyFramesEncoded, active: report.active };
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
