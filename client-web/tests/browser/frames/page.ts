// A page that sends and receives encrypted pictures and sound, with the parts that the product has for
// it, and in the place of a server the test that drives it.

import { StreamBook } from "../../../src/e2ee/stream-book";
import type { Dropped } from "../../../src/e2ee/drop-counts";
import { FrameLines, type ReceivingLine } from "../../../src/e2ee/frame-lines";
import type { SendingLine } from "../../../src/e2ee/sending-line";
import { makeFrameWorker } from "../../../src/e2ee/frame-worker-url";
import { encode } from "../../../src/crypto/bytes";
import type { Word } from "../../../src/e2ee/frame-messages";
import { isProtectable } from "../../../src/e2ee/frame-codecs";
import { usable } from "../../../src/media/sdp";
import { costs } from "./costs";
import { isEncrypted, look, makeSpy, type Seen } from "./spy";

const bytes = (fill: number) => new Uint8Array(32).fill(fill);
const ADA = bytes(1);
const PAGE = bytes(2);
const RIDS = ["q", "h", "f"];

interface Wish {
  /** Send its tracks without the proof, as a browser is believed that does as it was told. */
  readonly unproven?: boolean;
  readonly video: "VP8" | "VP9" | "AV1";
  readonly red?: boolean;
  readonly layers?: number;
}

/** When what happened for the first time. */
const times: Record<string, number> = {};

const heard = new Float32Array(4096);
let loudest = 0;

const connection = new RTCPeerConnection();
const book = new StreamBook();
const drops: Dropped[] = [];
const told: string[] = [];
const sending: SendingLine[] = [];
const receiving: ReceivingLine[] = [];
const spied: Seen[] = [];
let worker: Worker | null = null;
let lines: FrameLines | null = null;
let analyser: AnalyserNode | null = null;

/** Begin with a generation's keys, made of two bytes. */
function begin(secret: number, number = 1, recorded = false): void {
  lines ??= new FrameLines(
    book,
    {
      dropped: (rows) => drops.push(...rows),
      lost: () => told.push("lost"),
      unprotected: (source, codec) => told.push(`${source} in ${codec}`),
      closed: (source, code) => told.push(`${source} ${code}`),
      usedUp: () => told.push("used up"),
    },
    () => {
      worker = makeFrameWorker();
      // What the guards of lines are told is looked at right after it was.
      worker.addEventListener("message", ({ data }: MessageEvent<Word>) => {
        if (data.word === "counted") setTimeout(keepOwed);
      });
      return worker;
    },
  );
  lines.add(keysOf(secret, number, recorded), performance.now());
}

/** The most that was owed for at any look, by source, and how many looks there were. */
const owed: Record<string, { frames: number; bytes: number; looks: number }> = {};

function keepOwed(): void {
  for (const { guard, source } of sending) {
    const most = (owed[source] ??= { frames: -1e9, bytes: -1e9, looks: 0 });
    most.frames = Math.max(most.frames, guard.owed.frames);
    most.bytes = Math.max(most.bytes, guard.owed.bytes);
    most.looks += 1;
  }
}

/** From now on a transform is set one task late, which Chromium passes by without a word. */
function late(): void {
  const own = Object.getOwnPropertyDescriptor(RTCRtpSender.prototype, "transform");
  if (own === undefined) throw new Error("this browser has no transforms");
  const meant = new WeakMap<RTCRtpSender, RTCRtpScriptTransform | null>();
  Object.defineProperty(RTCRtpSender.prototype, "transform", {
    configurable: true,
    get(this: RTCRtpSender) {
      return meant.get(this) ?? null;
    },
    set(this: RTCRtpSender, transform: RTCRtpScriptTransform | null) {
      meant.set(this, transform);
      setTimeout(() => own.set?.call(this, transform));
    },
  });
}

function keysOf(secret: number, number: number, recorded: boolean) {
  const pages = new Map([[encode(ADA), PAGE]]);
  return { number, recorded, header: bytes(3), place: bytes(4), secret: bytes(secret), pages };
}

function current(): FrameLines {
  if (lines === null) throw new Error("it has not begun");
  return lines;
}

/** Publish sound and pictures; resolves with the offer. */
async function offer({ video, red = false, layers = 1, unproven = false }: Wish): Promise<string> {
  const of = { person: ADA, page: PAGE };
  const encodings = RIDS.map((rid, at) => ({ rid, scaleResolutionDownBy: 4 / 2 ** at }));
  const [sound, picture] = await Promise.all([
    current().send(connection, { ...of, source: "microphone" }),
    current().send(connection, { ...of, source: "camera" }, layers > 1 ? encodings : []),
  ]);
  sending.push(sound, picture);
  const spoken = usable("microphone", RTCRtpSender.getCapabilities("audio")?.codecs ?? []);
  sound.section.setCodecPreferences(spoken.filter(({ mimeType }) => red || !/red/i.test(mimeType)));
  const seen = RTCRtpSender.getCapabilities("video")?.codecs ?? [];
  picture.section.setCodecPreferences(seen.filter(({ mimeType }) => mimeType === `video/${video}`));
  if (unproven) {
    await sound.section.sender.replaceTrack(tone());
    await picture.section.sender.replaceTrack(canvas());
  } else {
    await sound.setTrack(tone());
    await picture.setTrack(canvas());
  }
  await connection.setLocalDescription();
  return await gathered();
}

/** Receive what is offered; `spy`: look at the frames that come instead of opening them. */
async function answer(sdp: string, layers = 1, spy = false): Promise<string> {
  await connection.setRemoteDescription({ type: "offer", sdp });
  const coming = connection.getTransceivers().map(async ({ receiver }) => {
    const source = receiver.track.kind === "audio" ? "microphone" : "camera";
    if (spy) {
      receiver.transform = new RTCRtpScriptTransform(
        makeSpy((seen) => spied.push(seen)),
        { source },
      );
    } else {
      const line = await current().receive(receiver);
      await line.assign({ person: ADA, source });
      receiving.push(line);
    }
    play(receiver.track);
  });
  await Promise.all(coming);
  await connection.setLocalDescription();
  for (const line of receiving) line.negotiated();
  const own = await gathered();
  if (layers === 1) return own;
  const wanted = RIDS.map((rid) => `a=rid:${rid} recv\r\n`).join("");
  return `${own}${wanted}a=simulcast:recv ${RIDS.join(";")}\r\n`;
}

async function accept(sdp: string): Promise<void> {
  connection.addEventListener("connectionstatechange", () => {
    if (connection.connectionState === "connected") times["connected"] ??= Date.now();
  });
  await connection.setRemoteDescription({ type: "answer", sdp });
  for (const line of sending) {
    try {
      line.negotiated();
    } catch (error) {
      told.push(String(error));
    }
  }
}

async function gathered(): Promise<string> {
  while (connection.iceGatheringState !== "complete") await pause(20);
  return connection.localDescription?.sdp ?? "";
}

function canvas([width, height] = [640, 480]): MediaStreamTrack {
  const element = document.createElement("canvas");
  [element.width, element.height] = [width, height];
  document.body.append(element);
  const context = element.getContext("2d");
  let at = 0;
  setInterval(() => {
    at += 1;
    if (context === null) return;
    context.fillStyle = at % 2 === 0 ? "rgb(200 40 40)" : "rgb(210 50 30)";
    context.fillRect(0, 0, element.width, element.height);
    context.fillStyle = "white";
    for (let spot = 0; spot < 40; spot += 1) {
      context.fillRect((at * 7 + spot * 97) % element.width, (spot * 53) % element.height, 12, 12);
    }
  }, 40);
  const [track] = element.captureStream(25).getVideoTracks();
  if (track === undefined) throw new Error("a canvas has a track");
  return track;
}

function tone(): MediaStreamTrack {
  const context = new AudioContext();
  const oscillator = new OscillatorNode(context, { frequency: 440 });
  const end = new MediaStreamAudioDestinationNode(context);
  oscillator.connect(end);
  oscillator.start();
  const [track] = end.stream.getAudioTracks();
  if (track === undefined) throw new Error("a destination has a track");
  return track;
}

function play(track: MediaStreamTrack): void {
  const element = document.createElement(track.kind === "audio" ? "audio" : "video");
  element.autoplay = true;
  element.srcObject = new MediaStream([track]);
  document.body.append(element);
  if (element instanceof HTMLVideoElement) {
    const look = () => {
      times["picture"] ??= Date.now();
      if ((colourOf(element)[0] ?? 0) > 150) times["red"] ??= Date.now();
      else element.requestVideoFrameCallback(look);
    };
    element.requestVideoFrameCallback(look);
  }
  if (track.kind !== "audio") return;
  const context = new AudioContext();
  analyser = new AnalyserNode(context, { fftSize: 4096 });
  new MediaStreamAudioSourceNode(context, { mediaStream: element.srcObject }).connect(analyser);
  setInterval(() => {
    analyser?.getFloatTimeDomainData(heard);
    loudest = Math.max(loudest, ...heard);
  }, 30);
}

/** What is seen and heard now, and what was counted. */
async function state() {
  const video = document.querySelector("video");
  const colour = video !== null && video.videoWidth > 0 ? colourOf(video) : [];
  const level = new Float32Array(4096);
  analyser?.getFloatTimeDomainData(level);
  const rtp: Record<string, unknown>[] = [];
  (await connection.getStats()).forEach((one: Record<string, unknown>) => {
    if (one["type"] === "inbound-rtp" || one["type"] === "outbound-rtp") rtp.push({ ...one });
  });
  return {
    connection: connection.connectionState,
    width: video?.videoWidth ?? 0,
    colour,
    loud: Math.max(...level),
    loudest,
    pitch: crossings(level),
    rtp,
    drops,
    told,
    owed,
    times,
    proven: sending.map(({ proven }) => proven),
    tracks: connection.getSenders().map(({ track }) => track !== null),
  };
}

function colourOf(video: HTMLVideoElement): number[] {
  const element = new OffscreenCanvas(8, 8);
  const context = element.getContext("2d");
  context?.drawImage(video, 0, 0, 8, 8);
  return [...(context?.getImageData(4, 4, 1, 1).data ?? [])];
}

/** How often a second a wave rises through zero: its pitch. */
function crossings(level: Float32Array): number {
  let rises = 0;
  level.forEach((value, at) => {
    if (at > 0 && (level[at - 1] ?? 0) < 0 && value >= 0) rises += 1;
  });
  return (rises * (analyser?.context.sampleRate ?? 0)) / level.length;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

Object.assign(window, {
  trial: {
    begin,
    offer,
    answer,
    accept,
    state,
    costs,
    go: (number: number) => {
      current().go(number);
    },
    stop: (what: "all" | "recorded") => current().stop(what),
    kill: () => {
      worker?.terminate();
    },
    late,
    /** Which of its layers the picture is sent in. */
    layers: async (active: readonly boolean[]) => {
      const sender = sending[1]?.section.sender;
      const parameters = sender?.getParameters();
      parameters?.encodings.forEach((one, at) => (one.active = active[at] ?? true));
      if (parameters !== undefined) await sender?.setParameters(parameters);
    },
    /** Another track, of another size, or none. */
    swap: (at: number, size: [number, number] | null) =>
      sending[at]?.setTrack(size === null ? null : at === 0 ? tone() : canvas(size)),
    resize: (width: number, height: number) => {
      const element = [...document.querySelectorAll("canvas")].at(-1);
      if (element !== undefined) [element.width, element.height] = [width, height];
    },
    enable: (on: boolean) => {
      for (const { track } of connection.getSenders()) if (track !== null) track.enabled = on;
    },
    setTrack: (at: number) => sending[at]?.setTrack(at === 0 ? tone() : canvas()).catch(String),
    assign: (person: number) =>
      Promise.all(
        receiving.map((line, at) =>
          line.assign({ person: bytes(person), source: at === 0 ? "microphone" : "camera" }),
        ),
      ),
    spied: (secret: number | null) =>
      look(spied, secret === null ? null : keysOf(secret, 1, false), ADA),
    /** How many frames went by that were not encrypted at all, by source. */
    plain: () =>
      ["microphone", "camera"].map(
        (source) => spied.filter((one) => one.source === source && !isEncrypted(one)).length,
      ),
    refused: () =>
      (RTCRtpSender.getCapabilities("video")?.codecs ?? [])
        .filter((codec) => !isProtectable(codec))
        .map(({ mimeType }) => mimeType),
  },
});
