// The frame of every page but the meeting itself.

import type { ComponentChildren, RefObject, VNode } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { chooseLanguage, language, LANGUAGES, t } from "../i18n";
import { info } from "./info";
import { NotTaken } from "./not-taken";

interface Props {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly aside?: ComponentChildren;
  readonly narrow?: boolean;
  readonly wide?: boolean;
}

export function Shell({ aside, children, narrow = false, title, wide = false }: Props): VNode {
  useTitle(title);
  return (
    <div class="shell">
      <header class="shell-head">
        <Brand />
        <div class="shell-aside">{aside}</div>
      </header>
      <main class={`shell-main ${narrow ? "narrow" : ""} ${wide ? "wide" : ""}`}>
        <NotTaken />
        {children}
      </main>
      <Foot />
    </div>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === t().common.brand ? title : `${title} · ${t().common.brand}`;
  }, [title]);
}

/** Where one page follows another without loading, the focus goes to the beginning of the new one. */
export function useFocusAtFirst<Kind extends HTMLElement>(): RefObject<Kind | null> {
  const place = useRef<Kind>(null);
  useEffect(() => {
    place.current?.focus();
    window.scrollTo(0, 0);
  }, []);
  return place;
}

export function Brand(): VNode {
  return (
    <a class="brand" href="/">
      <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="9" />
        <path d="M9 17.2l4.6 4.6L23.4 11" />
      </svg>
      <span>{t().common.brand}</span>
    </a>
  );
}

function Foot(): VNode {
  const operator = info.value?.operator;
  const text = t().common;
  return (
    <footer class="shell-foot">
      <span>
        {operator !== undefined && operator.name !== "" && text.runBy(operator.name)}
        {operator !== undefined &&
          operator.contact !== "" &&
          ` · ${text.contact(operator.contact)}`}
      </span>
      <span class="shell-links">
        <a href="/promises">{t().proof.promises}</a>
        <a href="/verify">{t().proof.elsewhere}</a>
        {/* Files, and not pages of the client: for good, and without it. */}
        <a href="/licences.txt">{text.licences}</a>
        <a href="/source.tar.gz">{text.source}</a>
      </span>
      <LanguageChoice />
    </footer>
  );
}

function LanguageChoice(): VNode {
  return (
    <label class="language">
      <span class="unseen">{t().common.languageChoice}</span>
      <select
        value={language.value.language}
        onChange={(event) => {
          void chooseLanguage(event.currentTarget.value);
        }}
      >
        {Object.entries(LANGUAGES).map(([tag, name]) => (
          <option value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
