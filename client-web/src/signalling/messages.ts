// The messages of the socket, as server/PROTOCOL.md explains them.
// Written by `python -m assent.signalling.typescript`; change server/assent/signalling/messages.py.

export const PROTOCOL = 1;

export type ErrorCode =
  | "already-enrolled"
  | "bad-notice"
  | "bad-origin"
  | "bad-request"
  | "bad-sdp"
  | "bad-signature"
  | "bad-statement"
  | "bad-token"
  | "database-unavailable"
  | "download-over"
  | "downloads-off"
  | "export-settled"
  | "forbidden"
  | "internal"
  | "log-unavailable"
  | "login-taken"
  | "media-unavailable"
  | "meeting-closed"
  | "meeting-deleted"
  | "meeting-full"
  | "meeting-locked"
  | "meeting-not-found"
  | "meeting-over"
  | "method-not-allowed"
  | "mode-not-offered"
  | "no-administrator-asks"
  | "not-a-host"
  | "not-admitted"
  | "not-dead"
  | "not-enrolled"
  | "not-exported"
  | "not-found"
  | "not-recordable"
  | "not-signed-in"
  | "not-watching"
  | "nothing-to-export"
  | "notice-not-in-force"
  | "notice-outdated"
  | "notice-unchanged"
  | "other-terms"
  | "own-export"
  | "rate-limited"
  | "receipt-erased"
  | "removed"
  | "replaced"
  | "stale-act"
  | "stale-statement"
  | "storage-unavailable"
  | "too-large"
  | "too-many-acts"
  | "too-many-downloads"
  | "too-many-exports"
  | "too-many-meetings"
  | "try-again"
  | "vault-unavailable"
  | "weak-password"
  | "wrong-credentials";

/** First message: which seat is this. */
export interface Hello {
  type: "hello";
  protocol: number;
  token: string;
  resume?: boolean;
}

/** What shows other browsers that the link with that ordinal has brought somebody. */
export interface BroughtBy {
  ordinal: number;
  mac: string;
}

/** The person's keys, signed; once per seat. The name and its salt give the digest in there. */
export interface Enrol {
  type: "enrol";
  name: string;
  salt: string;
  document: string;
  signature: string;
  brought: BroughtBy | null;
  id?: number | null;
}

/** The person's whole will, signed, with the sealed training seed where it grants. */
export interface Answer {
  type: "answer";
  document: string;
  signature: string;
  sealed?: string | null;
  id?: number | null;
}

/** Ask to be let in. */
export interface Join {
  type: "join";
  id?: number | null;
}

/** Which source a media section of the offer carries. */
export interface PublishedTrack {
  mid: string;
  source: "camera" | "microphone" | "screen" | "screen-audio";
}

/** An offer for the publishing connection. */
export interface Publish {
  type: "publish";
  sdp: string;
  tracks: PublishedTrack[];
  id?: number | null;
}

/** The answer to the ``subscribe`` of that generation. */
export interface Describe {
  type: "describe";
  generation: number;
  sdp: string;
  id?: number | null;
}

/** The subscribing connection is gone at the browser's end: begin a new one. */
export interface SubscribeAgain {
  type: "subscribe_again";
  id?: number | null;
}

/** The sender has muted or unmuted a source of their own, or their system has. */
export interface Muted {
  type: "muted";
  source: "camera" | "microphone" | "screen" | "screen-audio";
  muted: boolean;
  system?: boolean;
  id?: number | null;
}

/** A picture is missing. */
export interface KeyFrame {
  type: "key_frame";
  person: string;
  source: "camera" | "device-camera" | "device-microphone" | "microphone" | "screen" | "screen-audio";
  id?: number | null;
}

/** A picture that the page shows, and the height of its place in pixels. */
export interface Shown {
  person: string;
  source: "camera" | "device-camera" | "device-microphone" | "microphone" | "screen" | "screen-audio";
  height: number;
}

/** Everything that the page shows; what is not named is not sent to it. */
export interface View {
  type: "view";
  shown: Shown[];
  id?: number | null;
}

/** What the browser found when it checked a generation's header; no problem: all as shown. */
export interface GenerationSeen {
  type: "generation_seen";
  number: number;
  header: string;
  problem: "bad-document" | "broken-chain" | "missing" | "other-meeting" | "stranger" | "wrong-keys" | null;
  id?: number | null;
}

/** Ask for a token for another device of one's own; one drawn before ends. */
export interface DrawDevice {
  type: "draw_device";
  id?: number | null;
}

/** End that token, and the device. */
export interface EndDevice {
  type: "end_device";
  id?: number | null;
}

/** The person leaves. */
export interface Leave {
  type: "leave";
  id?: number | null;
}

/** Host: by the host key of the room, somebody is a host; also before coming in. */
export interface Certify {
  type: "certify";
  document: string;
  signature: string;
  id?: number | null;
}

/** Host: an act, signed: to record, to let in, to remove. */
export interface Perform {
  type: "perform";
  document: string;
  signature: string;
  id?: number | null;
}

/** Host: send a waiting person away. */
export interface Deny {
  type: "deny";
  person: string;
  id?: number | null;
}

/** Host: close the door, or open it. */
export interface Lock {
  type: "lock";
  locked: boolean;
  id?: number | null;
}

/** Host: stop the recording; nothing has to be signed for it. */
export interface Disarm {
  type: "disarm";
  id?: number | null;
}

/** Host: ask everyone alike once more. */
export interface AskAgain {
  type: "ask_again";
  id?: number | null;
}

/** Host: end the meeting for all. */
export interface End {
  type: "end";
  id?: number | null;
}

/** A relay the browser may use, with credentials that run out; an ``RTCIceServer``. */
export interface IceServer {
  urls: string[];
  username: string;
  credential: string;
}

/** The seat as the server knows it; follows ``hello``. */
export interface Welcome {
  type: "welcome";
  person: string | null;
  enrolled: boolean;
  enrolment: string | null;
  last_answer: string | null;
  host: boolean;
  certified: boolean;
  now: number;
  ice_servers: IceServer[];
}

/** A document with the signature over it. */
export interface Signed {
  document: string;
  signature: string;
}

/** The request with that id was carried out. What was signed is acknowledged, with its index. */
export interface Ok {
  type: "ok";
  id: number | null;
  acknowledgement?: Signed | null;
}

/** Why a request was not carried out: a stable code and a text for people. */
export interface Failure {
  code: string;
  message: string;
  field?: string | null;
}

/** The request with that id was not carried out, and changed nothing. */
export interface Error {
  type: "error";
  id: number | null;
  error: Failure;
}

/** An enrolment as it was signed, the name that it has a digest of, and who has brought them. */
export interface IntroducedPerson {
  person: string;
  document: string;
  signature: string;
  name: string;
  salt: string;
  brought: BroughtBy | null;
}

/** Who they are: before the first ``room`` that has them, once per socket. */
export interface Introductions {
  type: "introductions";
  people: IntroducedPerson[];
}

/** What shows that somebody is a host, and the enrolment that they sign their acts under. */
export interface CertifiedHost {
  certificate: Signed;
  enrolment: Signed;
}

/** Who is a host, and what hosts have signed: before the first ``room`` after it, in order. */
export interface Hosts {
  type: "hosts";
  certificates: CertifiedHost[];
  acts: Signed[];
}

/** What somebody else took back for a person, with the number of the answer it was after. */
export interface Act {
  purpose: "meeting" | "recording" | "training";
  by: "administrator" | "host" | "operator";
  at: number;
  sequence: number;
}

/** What the server knows of the one it talks to. */
export interface You {
  person: string | null;
  state: "door" | "waiting" | "admitted";
  recording: "unanswered" | "yes" | "no" | "withdrawn";
  training: "unanswered" | "yes" | "no" | "withdrawn";
  device: ("whep" | "whip")[] | null;
  revoked: Act[];
}

/** A present person as everyone sees them. */
export interface RoomPerson {
  person: string;
  name: string;
  host: boolean;
  connected: boolean;
  muted: ("camera" | "microphone" | "screen" | "screen-audio")[];
  silenced: ("camera" | "microphone" | "screen" | "screen-audio")[];
  sources: ("camera" | "device-camera" | "device-microphone" | "microphone" | "screen" | "screen-audio")[];
  enrolment: string;
  watch: string;
  train: string;
  agreed?: boolean | null;
}

/** A person at the door, as hosts see them. */
export interface WaitingPerson {
  person: string;
  name: string;
}

/** The whole state; the latest replaces the former. */
export interface Room {
  type: "room";
  revision: number;
  title: string;
  started_at: number | null;
  locked: boolean;
  capture: "off" | "paused" | "recording";
  armed: boolean;
  problem: string | null;
  disputed_by: number;
  present: number;
  agreed: number | null;
  all_agreed: boolean | null;
  recorder: boolean;
  you: You;
  people: RoomPerson[];
  absent_hosts: RoomPerson[];
  waiting: WaitingPerson[];
}

/** The answer to ``publish``. */
export interface Published {
  type: "published";
  sdp: string;
}

/** What a media section of the server's offer carries. */
export interface SubscribedTrack {
  mid: string;
  person: string;
  source: "camera" | "device-camera" | "device-microphone" | "microphone" | "screen" | "screen-audio";
}

/** The server's offer for the subscribing connection. */
export interface Subscribe {
  type: "subscribe";
  generation: number;
  sdp: string;
  tracks: SubscribedTrack[];
}

/** The publishing connection is gone at this end: make a new one. */
export interface PublishAgain {
  type: "publish_again";
}

/** Who speaks, loudest first. */
export interface Speakers {
  type: "speakers";
  people: string[];
}

/** How many layers of a source, counted from the lowest, reach anybody. */
export interface WantedLayers {
  source: "camera" | "device-camera" | "device-microphone" | "microphone" | "screen" | "screen-audio";
  layers: number;
}

/** What need not be sent; a source that is not named is as it was. */
export interface Layers {
  type: "layers";
  wanted: WantedLayers[];
}

/** A recorded generation that the person is in has opened; the signature is its header's. */
export interface Generation {
  type: "generation";
  number: number;
  header: string;
  signature: string;
}

/** The host asks again, everyone alike. */
export interface Asked {
  type: "asked";
}

/** What another device of the person needs; the token is told this once. */
export interface Device {
  type: "device";
  token: string;
  whip: string;
  whep: string;
  expires_at: number;
}

/** The server closes after this. */
export interface Goodbye {
  type: "goodbye";
  reason: "left" | "removed" | "denied" | "ended" | "expired" | "replaced" | "restarting" | "crowded";
}

export type ClientMessage =
  | Hello
  | Enrol
  | Answer
  | Join
  | Publish
  | Describe
  | SubscribeAgain
  | Muted
  | KeyFrame
  | View
  | GenerationSeen
  | DrawDevice
  | EndDevice
  | Leave
  | Certify
  | Perform
  | Deny
  | Lock
  | Disarm
  | AskAgain
  | End;

export type ServerMessage =
  | Welcome
  | Ok
  | Error
  | Introductions
  | Hosts
  | Room
  | Published
  | Subscribe
  | PublishAgain
  | Speakers
  | Layers
  | Generation
  | Asked
  | Device
  | Goodbye;

export const SERVER_MESSAGE_TYPES: ReadonlySet<string> = new Set([
  "welcome",
  "ok",
  "error",
  "introductions",
  "hosts",
  "room",
  "published",
  "subscribe",
  "publish_again",
  "speakers",
  "layers",
  "generation",
  "asked",
  "device",
  "goodbye",
]);
