// Which page an address means, and what is shown when a page breaks. Pages are loaded when they are
// needed, so that a guest gets the meeting and nothing else.

import { type ComponentType, type VNode } from "preact";
import { useEffect, useErrorBoundary, useState } from "preact/hooks";

import { t } from "./i18n";
import { type LinkProblem, openedLink, readLink } from "./link";
import { LiveRegions } from "./ui/live";
import { Shell } from "./ui/shell";

export type Route =
  | { page: "start" | "invitation" | "password" | "console" | "verify" | "promises" }
  | { page: "meeting" | "receipt"; meeting: string }
  | { page: "not-found"; problem: LinkProblem | null };

/** The page of an address. */
export function route(path: string, hash: string): Route {
  return pageOf(path, readLink(path, hash));
}

function pageOf(path: string, link: ReturnType<typeof readLink>): Route {
  if (typeof link === "string") return { page: "not-found", problem: link };
  if (link !== null) {
    const { kind, meeting } = link;
    if (kind === "invitation" || kind === "password") return { page: kind };
    return { page: kind, meeting: meeting ?? "" };
  }
  // A full stop or a slash may have come along.
  switch (path.replace(/(?:[^\w-]|%[0-9a-f]{2})+$/iu, "")) {
    case "":
      return /^\/+$/u.test(path) ? { page: "start" } : { page: "not-found", problem: null };
    case "/admin":
      return { page: "console" };
    case "/verify":
      return { page: "verify" };
    case "/promises":
      return { page: "promises" };
    default:
      return { page: "not-found", problem: null };
  }
}

type Page = ComponentType<{ meeting: string }>;

const PAGES: Record<Route["page"], () => Promise<Page>> = {
  start: async () => (await import("./pages/start")).StartPage,
  invitation: async () => (await import("./pages/invitation")).InvitationPage,
  password: async () => (await import("./pages/password")).PasswordPage,
  console: async () => (await import("./pages/console/page")).ConsolePage,
  meeting: async () => (await import("./pages/meeting-page")).MeetingPage,
  receipt: async () => (await import("./pages/receipt")).ReceiptPage,
  verify: async () => (await import("./pages/verify")).VerifyPage,
  promises: async () => (await import("./pages/promises")).PromisesPage,
  "not-found": () => Promise.resolve(NotFoundPage),
};

export function App(): VNode {
  return (
    <>
      <LiveRegions />
      <Guarded />
    </>
  );
}

function Guarded(): VNode {
  const error: unknown = useErrorBoundary()[0];
  return error === undefined ? <Current /> : <Broken />;
}

function Current(): VNode {
  const [found] = useState(() => pageOf(location.pathname, openedLink()));
  const [page, setPage] = useState<{ show: Page } | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    PAGES[found.page]().then(
      (show) => {
        setPage({ show });
      },
      () => {
        setFailed(true); // a file that a newer version has replaced, or no connection
      },
    );
  }, [found]);
  if (failed) return <Broken />;
  if (page === null) return <Shell title={t().common.brand}>{null}</Shell>;
  return <page.show meeting={"meeting" in found ? found.meeting : ""} />;
}

function NotFoundPage(): VNode {
  const text = t().notFound;
  const link = openedLink();
  return (
    <Shell title={text.title} narrow>
      <div class="card">
        <h1>{text.title}</h1>
        <p>{typeof link === "string" ? t().links[link] : text.body}</p>
        <p>
          <a href="/">{text.start}</a>
        </p>
      </div>
    </Shell>
  );
}

function Broken(): VNode {
  const text = t().broken;
  return (
    <Shell title={text.title} narrow>
      <div class="card" role="alert">
        <h1>{text.title}</h1>
        <p>{text.body}</p>
        <button
          type="button"
          class="button primary"
          onClick={() => {
            location.reload();
          }}
        >
          {text.reload}
        </button>
      </div>
    </Shell>
  );
}
