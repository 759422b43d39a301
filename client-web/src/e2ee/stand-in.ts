// What is sent in the place of a track of which it is not known yet that it would be encrypted: pictures
// of its size that are black, or silence.

const FRAMES_PER_SECOND = 25;
/** Of a track that does not say how large it is. */
const [WIDTH, HEIGHT] = [640, 480];

export interface StandIn {
  readonly track: MediaStreamTrack;
  stop(): void;
}

export function standInFor(track: MediaStreamTrack): StandIn {
  return track.kind === "audio" ? silence(track) : blackness(track);
}

/** A track that is not enabled gives silence (Media Capture and Streams, section 4.3.1). */
function silence(like: MediaStreamTrack): StandIn {
  const track = like.clone();
  track.enabled = false;
  return {
    track,
    stop: () => {
      track.stop();
    },
  };
}

/** Drawn, for one that is not enabled gives a picture a second in Firefox, and late. */
function blackness(like: MediaStreamTrack): StandIn {
  const { width = WIDTH, height = HEIGHT } = like.getSettings();
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { alpha: false });
  const draw = () => {
    context?.fillRect(0, 0, width, height);
  };
  draw();
  const [track] = canvas.captureStream(FRAMES_PER_SECOND).getVideoTracks();
  if (track === undefined) throw new Error("a canvas has a track");
  const drawing = setInterval(draw, 1000 / FRAMES_PER_SECOND);
  return {
    track,
    stop: () => {
      clearInterval(drawing);
      track.stop();
    },
  };
}
