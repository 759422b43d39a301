// /m/<meeting>: the door, the meeting and what comes after it, as the session goes along.

import { useSignal } from "@preact/signals";
import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

import { serverNow } from "../api/clock";
import { Refused } from "../api/errors";
import { t } from "../i18n";
import { type Link, onOtherLink, openedLinkOf } from "../link";
import { LocalMedia } from "../media/local";
import { enter, NoEntrance } from "../meeting/entrance";
import { MeetingSession } from "../meeting/session";
import { socketOf } from "../signalling/conversation";
import { preferences } from "../store/preferences";
import { openSeats } from "../store/seats";
import { Failure, refusalText } from "../ui/failure";
import { Shell } from "../ui/shell";
import { DoorPage } from "./door/page";
import { LeftPage } from "./left";
import { InsidePage } from "./meeting/page";

type Found =
  { at: "entering" } | { at: "found"; session: MeetingSession } | { at: "none"; why: string };

export function MeetingPage({ meeting }: { readonly meeting: string }): VNode {
  const [link] = useState(() => openedLinkOf("meeting"));
  const secret = link?.secret ?? null;
  const found = useSignal<Found>({ at: "entering" });

  useEffect(() => {
    if (!canTakePart()) {
      const why = window.isSecureContext ? t().unsupported.webrtc : t().unsupported.insecure;
      found.value = { at: "none", why };
      return;
    }
    begin(meeting, secret).then(
      (session) => {
        found.value = { at: "found", session };
      },
      (error: unknown) => {
        found.value = { at: "none", why: whyNot(error, link) };
      },
    );
  }, [found, link, meeting, secret]);
  useEffect(
    () =>
      onOtherLink(() => {
        if (found.peek().at !== "found") location.reload();
      }),
    [found],
  );

  useEffect(() => {
    // Taken out of the browser's memory by going back: what it shows and holds is of another time.
    const shown = ({ persisted }: PageTransitionEvent): void => {
      if (persisted) location.reload();
    };
    window.addEventListener("pageshow", shown);
    return () => {
      window.removeEventListener("pageshow", shown);
    };
  }, []);

  switch (found.value.at) {
    case "entering":
      return (
        <Shell title={t().common.brand} narrow>
          <p role="status">{t().door.entering}</p>
        </Shell>
      );
    case "none":
      return (
        <Shell title={t().door.noEntrance} narrow>
          <div class="card stack">
            <h1>{t().door.noEntrance}</h1>
            <Failure>{found.value.why}</Failure>
          </div>
        </Shell>
      );
    case "found":
      return <Staged session={found.value.session} />;
  }
}

function Staged({ session }: { readonly session: MeetingSession }): VNode {
  const stage = session.stage.value;
  switch (stage.at) {
    case "over":
      return <LeftPage session={session} reason={stage.reason} />;
    case "inside":
      return <InsidePage session={session} />;
    default:
      return <DoorPage session={session} />;
  }
}

async function begin(meeting: string, secret: string | null): Promise<MeetingSession> {
  const store = await openSeats();
  const entrance = await enter(meeting, secret, store, preferences().name, serverNow());
  // The secret of the link is used once; it need not stay in the address bar for others to see.
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  const session = new MeetingSession(entrance, new LocalMedia(), store, socketOf(meeting));
  await session.recall();
  return session;
}

function canTakePart(): boolean {
  return window.isSecureContext && "RTCPeerConnection" in window && "subtle" in crypto;
}

function whyNot(error: unknown, link: Link | null): string {
  if (error instanceof NoEntrance) {
    if (error.reason === "untrue") return t().door.untrue;
    if (error.reason === "other-room") return t().door.otherRoom;
    if (error.reason === "wider-charter") return t().door.widerCharter;
    const problem = link?.problem ?? null;
    return problem === null ? t().door.incompleteLink : t().links[problem];
  }
  if (error instanceof Refused) return refusalText(error);
  reportError(error);
  return t().broken.body;
}
