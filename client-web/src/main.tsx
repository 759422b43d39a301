// Where everything begins: the language first, then the page that the address names.

import "./styles/index.css";

import { render } from "preact";

import { api } from "./api/http";
import { App } from "./app";
import { sendLeft, unsentAnswers } from "./consent/sending";
import { speakBest } from "./i18n";
import { loadInfo } from "./ui/info";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has a place for the app");
loadInfo();
await speakBest();
render(<App />, root);
// What an earlier page could not hand over goes out from any page.
void unsentAnswers().then((store) =>
  sendLeft(store, async ({ sealed, signature, statement }) => {
    await api.answer(statement, signature, sealed);
  }),
);
