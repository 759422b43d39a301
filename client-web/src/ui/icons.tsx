// Line icons, drawn with the colour of the text beside them. They are decoration: whatever bears one
// has a name of its own.

import type { ComponentChildren, VNode } from "preact";

function icon(children: ComponentChildren): () => VNode {
  const Icon = (): VNode => (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
  return Icon;
}

const MICROPHONE = (
  <>
    <rect x="9" y="3" width="6" height="11" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
  </>
);
const CAMERA = (
  <>
    <rect x="3" y="6.5" width="12.5" height="11" rx="2.5" />
    <path d="M15.5 10.5 21 7.5v9l-5.5-3" />
  </>
);
const SLASH = <path d="M4 4l16 16" />;

export const Microphone = icon(MICROPHONE);
export const MicrophoneOff = icon(
  <>
    {MICROPHONE}
    {SLASH}
  </>,
);
export const Camera = icon(CAMERA);
export const CameraOff = icon(
  <>
    {CAMERA}
    {SLASH}
  </>,
);
export const Screen = icon(
  <>
    <rect x="3" y="4.5" width="18" height="12" rx="2" />
    <path d="M9 20.5h6M12 13.5V8m-2.5 2.3L12 7.8l2.5 2.5" />
  </>,
);
export const OtherDevice = icon(
  <>
    <circle cx="12" cy="9.5" r="6" />
    <circle cx="12" cy="9.5" r="2.2" />
    <path d="M8 20.5h8M12 15.5v5" />
  </>,
);
export const People = icon(
  <>
    <circle cx="9" cy="8.5" r="3.2" />
    <path d="M3 19.5a6 6 0 0 1 12 0M15.5 5.6a3.2 3.2 0 0 1 0 5.8M17.5 14a6 6 0 0 1 3.5 5.5" />
  </>,
);
export const Answers = icon(
  <>
    <rect x="4" y="3.5" width="16" height="17" rx="2.5" />
    <path d="M7.5 9l1.6 1.6L12 7.7M7.5 15.5l1.6 1.6 2.9-2.9M15 9.5h2M15 16h2" />
  </>,
);
export const Leave = icon(
  <path d="M10 4H6.5A2.5 2.5 0 0 0 4 6.5v11A2.5 2.5 0 0 0 6.5 20H10M15 8l4 4-4 4M19 12H9.5" />,
);
export const Record = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <circle cx="12" cy="12" r="4" class="icon-full" />
  </>,
);
export const Stop = icon(
  <>
    <circle cx="12" cy="12" r="8.5" />
    <rect x="9" y="9" width="6" height="6" rx="1" class="icon-full" />
  </>,
);
export const Pause = icon(<path d="M9 6.5v11M15 6.5v11" />);
export const Play = icon(<path d="M8 5.5v13l10.5-6.5z" class="icon-full" />);
export const Back = icon(<path d="M4.5 5v4.5H9M4.9 9.3A8 8 0 1 1 4 13" />);
export const Forward = icon(<path d="M19.5 5v4.5H15M19.1 9.3A8 8 0 1 0 20 13" />);
export const Dot = icon(<circle cx="12" cy="12" r="6" class="icon-full" />);
export const Ring = icon(<circle cx="12" cy="12" r="6" />);
export const Close = icon(<path d="M6 6l12 12M18 6L6 18" />);
export const Check = icon(<path d="M5 12.5l4.5 4.5L19 7.5" />);
export const Warning = icon(<path d="M12 4.5 21 19.5H3L12 4.5zM12 10v4.5M12 17v.2" />);
export const Lock = icon(
  <>
    <rect x="5" y="10.5" width="14" height="9.5" rx="2" />
    <path d="M8 10.5V8a4 4 0 0 1 8 0v2.5" />
  </>,
);
export const Key = icon(
  <>
    <circle cx="8" cy="12" r="4" />
    <path d="M12 12h9M18 12v3.5M15 12v2.5" />
  </>,
);
export const Keyboard = icon(
  <>
    <rect x="3" y="6" width="18" height="12" rx="2" />
    <path d="M7 10h.1M10.5 10h.1M14 10h.1M17 10h.1M8 14h8" />
  </>,
);
export const Speaker = icon(
  <path d="M4 9.5v5h3.5L12 18.5v-13L7.5 9.5H4zM15.5 9a4.5 4.5 0 0 1 0 6M18 6.5a8 8 0 0 1 0 11" />,
);
