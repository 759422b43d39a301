// What the page's main thread and the worker that encrypts frames tell each other.

import type { Bytes } from "../crypto/bytes";
import type { Source } from "../signalling/tracks";
import type { Dropped } from "./drop-counts";
import type { Tally } from "./frame-guard";
import type { GenerationKeys, Stop } from "./generation-ring";

/** What a transform is made with; `transform` is its number within the worker. */
export type TransformOptions =
  | {
      readonly transform: number;
      readonly side: "sender";
      readonly person: Bytes;
      readonly page: Bytes;
      readonly source: Source;
      /** How many encodings the sender has announced. */
      readonly layers: number;
    }
  | { readonly transform: number; readonly side: "receiver" };

/** A stream number for a transform in a generation, from the page's book. */
export interface Given {
  readonly transform: number;
  readonly generation: number;
  readonly stream: number;
}

export type Order =
  /** Keys of a generation that was accepted so many milliseconds ago. */
  | { readonly order: "generation"; readonly keys: GenerationKeys; readonly elapsed: number }
  | { readonly order: "streams"; readonly given: readonly Given[] }
  | { readonly order: "go"; readonly generation: number }
  | { readonly order: "stop"; readonly what: Stop; readonly turn: number }
  /** Whose frames a receiver's transform opens from now on; null: nobody's. */
  | {
      readonly order: "assign";
      readonly transform: number;
      readonly turn: number;
      readonly of: { readonly person: Bytes; readonly source: Source } | null;
    }
  /** Which layer an SSRC is of; null: of none that could be found. */
  | {
      readonly order: "layer";
      readonly transform: number;
      readonly ssrc: number;
      readonly layer: number | null;
    }
  /** The codecs of RTP's payload types, for browsers whose frames do not say theirs. */
  | {
      readonly order: "codecs";
      readonly transform: number;
      readonly types: ReadonlyMap<number, string>;
    }
  /** A transform is over: its connection was closed. */
  | { readonly order: "end"; readonly transform: number }
  /** Say what the transforms of senders have seen. */
  | { readonly order: "count"; readonly look: number }
  | { readonly order: "ping" };

export type Word =
  /** A transform has its pipe, and nothing passes it but what it encrypts or opens. */
  | { readonly word: "runs"; readonly transform: number }
  /** A transform has met what it cannot go on from; nothing passes it any more. */
  | { readonly word: "failed"; readonly transform: number }
  /** What was asked for with this turn is so. */
  | { readonly word: "done"; readonly turn: number }
  | { readonly word: "which-layer"; readonly transform: number; readonly ssrc: number }
  /** A sender's frames are of a codec that cannot be protected: none of them is sent. */
  | { readonly word: "unprotected"; readonly transform: number; readonly codec: string }
  /** The first frame has come to a sender's transform. */
  | { readonly word: "first"; readonly transform: number }
  /** What each sender's transform has seen and passed on; those that are over are left out. */
  | {
      readonly word: "counted";
      readonly look: number;
      readonly tallies: ReadonlyMap<number, Tally>;
    }
  | { readonly word: "dropped"; readonly rows: readonly Dropped[] }
  | { readonly word: "pong" };
