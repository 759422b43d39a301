// /promises: what Assent can and cannot promise, for a guest who is no engineer, in each language.

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";

import { language, t } from "../i18n";
import { Markdown } from "../ui/markdown";
import { Shell } from "../ui/shell";

const TEXTS = import.meta.glob<string>("../promises/*.md", { query: "?raw", import: "default" });

export function PromisesPage(): VNode {
  const tag = language.value.language;
  const [shown, setShown] = useState<{ tag: string; source: string } | null>(null);
  useEffect(() => {
    let current = true;
    void TEXTS[`../promises/${tag}.md`]?.().then((source) => {
      if (current) setShown({ tag, source });
    });
    return () => {
      current = false;
    };
  }, [tag]);
  return (
    <Shell title={t().proof.promises} narrow>
      {shown !== null && (
        <article class="card promises">
          <Markdown source={shown.source} language={shown.tag} level={1} />
        </article>
      )}
    </Shell>
  );
}
