// Everything that a page has the server do, and whether its person is asked first. What cannot be
// undone is asked, with what it does; nothing else is, so that the question keeps its meaning.
//
// The compiler has a row for each request there is; tests/end_to_end/test_acts.py walks the rows that
// ask, in real pages: before the question is answered, nothing is sent.

import type { api } from "./api/http";
import type { Request } from "./signalling/conversation";

type OverHttp = `http ${Exclude<keyof typeof api, "admin"> | `admin.${keyof typeof api.admin}`}`;
type OverSocket = `socket ${Request["type"]}`;
type Here = "here setAside" | "here forgetKept";

export type Asked =
  | "asks" // it cannot be undone
  | "asks in part" // withdrawing cannot, answering can; ending is asked where there is something to end
  | "undone" // the same person can undo it, and nothing is lost
  | "chosen" // it is what the whole form before it is about
  | "nothing"; // it changes nothing that a person would miss

export const ACTS: Readonly<Record<OverHttp | OverSocket | Here, Asked>> = {
  "http info": "nothing",
  "http me": "nothing",
  "http signIn": "chosen",
  "http signOut": "undone",
  "http sessions": "nothing",
  "http endSession": "undone",
  "http endOtherSessions": "undone",
  "http invite": "nothing",
  "http inspectInvitation": "nothing",
  "http acceptInvitation": "chosen",
  "http inspectReset": "nothing",
  "http setPassword": "chosen",
  "http meetings": "nothing",
  "http terms": "nothing",
  "http createMeeting": "chosen",
  "http newLink": "asks",
  "http endMeeting": "asks",
  "http peopleOf": "nothing",
  "http revoke": "asks",
  "http seat": "nothing",
  "http hostSeat": "nothing",
  "http receipt": "nothing",
  "http receiptFile": "nothing",
  "http answer": "asks in part",
  "http watch": "nothing",
  "http watchGeneration": "nothing",
  "http watchSegments": "nothing",
  "http checkpoint": "nothing",
  "http tile": "nothing",
  "http admin.meetings": "nothing",
  "http admin.exports": "nothing",
  "http admin.exportForecast": "nothing",
  "http admin.requestExport": "asks",
  "http admin.approveExport": "asks",
  "http admin.declineExport": "asks",
  "http admin.takeBackExport": "asks",
  "http admin.askForDownload": "asks",
  "http admin.download": "nothing",
  "http admin.chunk": "nothing",
  "http admin.chunkTaken": "nothing",
  "http admin.cancelDownload": "undone",
  "http admin.approveDownload": "asks",
  "http admin.declineDownload": "asks",
  "http admin.releases": "nothing",
  "http admin.retryRelease": "nothing",
  "http admin.figures": "nothing",
  "http admin.funnel": "nothing",
  "http admin.storage": "nothing",
  "http admin.settings": "nothing",
  "http admin.audit": "nothing",
  "http admin.auditFile": "nothing",
  "http admin.accounts": "nothing",
  "http admin.setDisabled": "asks in part",
  "http admin.resetPassword": "asks",
  "http admin.log": "nothing",
  "http admin.overview": "nothing",
  "http admin.notices": "nothing",
  "http admin.noticeText": "nothing",
  "http admin.previewNotice": "nothing",
  "http admin.publishNotice": "asks",
  "socket enrol": "chosen",
  "socket answer": "asks in part",
  "socket join": "chosen",
  "socket publish": "nothing",
  "socket describe": "nothing",
  "socket subscribe_again": "nothing",
  "socket muted": "undone",
  "socket key_frame": "nothing",
  "socket view": "nothing",
  "socket generation_seen": "nothing",
  "socket draw_device": "asks in part",
  "socket end_device": "asks",
  "socket leave": "undone",
  "socket certify": "chosen",
  "socket perform": "asks in part",
  "socket deny": "undone",
  "socket lock": "undone",
  "socket disarm": "undone",
  "socket ask_again": "nothing",
  "socket end": "asks",
  "here setAside": "asks",
  "here forgetKept": "asks",
};
