// Which page an address means, and what is shown when a page breaks. Pages are loaded when they are
// needed, so that a guest gets the meeting and nothing else.

import { type ComponentType, type VNode } from "preact";
import { useEffect, useErrorBoundary, useState } from "preact/hooks";

import { t } from "./i18n";
import { LiveRegions } from "./ui/live";
import { Shell } from "./ui/shell";

export type Route =
  | {
      page: "start" | "invitation" | "password" | "console" | "verify" | "promises" | "not-found";
    }
  | { page: "meeting" | "receipt"; meeting: string };

export function route(path: string): Route {
  if (path === "/") return { page: "start" };
  if (path === "/invitation") return { page: "invitation" };
  if (path === "/password") return { page: "password" };
  if (path === "/admin") return { page: "console" };
  if (path === "/verify") return { page: "verify" };
  if (path === "/promises") return { page: "promises" };
  const [, kind, meeting = "", ...rest] = path.split("/");
  if (rest.length === 0 && /^[\w-]{22}$/.test(meeting)) {
    if (kind === "m") return { page: "meeting", meeting };
    if (kind === "r") return { page: "receipt", meeting };
  }
  return { page: "not-found" };
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
  const [found] = useState(() => route(location.pathname));
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
  return (
    <Shell title={text.title} narrow>
      <div class="card">
        <h1>{text.title}</h1>
        <p>{text.body}</p>
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
