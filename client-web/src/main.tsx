// Where everything begins: the language first, then the page that the address names.

import "./styles/index.css";

import { render } from "preact";

import { App } from "./app";
import { speakBest } from "./i18n";
import { loadInfo } from "./ui/info";

const root = document.getElementById("app");
if (root === null) throw new Error("index.html has a place for the app");
loadInfo();
await speakBest();
render(<App />, root);
