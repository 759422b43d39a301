// Every text that people read, in English: the catalogue that the other languages complete. Texts
// that take something in are functions, so that each language can put it where it belongs.

import type { Code } from "../api/errors";
import type { AuditedAct, FigureSeries, QueueState, ReleaseState } from "../api/types";
import type { Will } from "../crypto/will";
import type { GuardCode } from "../e2ee/frame-guard";
import type { DeviceProblem } from "../media/problems";
import type { Ghost } from "../meeting/recorded-header";
import type { FailureCode } from "../proof/fails";
import type { Goodbye } from "../signalling/messages";
import type { Source } from "../signalling/tracks";

function people(count: number): string {
  return count === 1 ? "1 person" : `${count} people`;
}

/** How long something is. */
export interface Length {
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
}

function inWords({ hours, minutes, seconds }: Length): string {
  const parts = [
    hours > 0 && `${hours} h`,
    minutes > 0 && `${minutes} min`,
    (seconds > 0 || (hours === 0 && minutes === 0)) && `${seconds} s`,
  ];
  return parts.filter(Boolean).join(" ");
}

export const en = {
  language: "English",

  common: {
    more: "Show more",
    brand: "Assent",
    tagline: "Private meetings. Recorded only as far as everyone agrees.",
    close: "Close",
    cancel: "Cancel",
    copy: "Copy",
    copied: "Copied",
    yes: "Yes",
    no: "No",
    loading: "One moment…",
    again: "Try again",
    you: "you",
    host: "Host",
    /** Who acts for others: the beginning of a sentence. */
    actors: {
      host: "The host",
      administrator: "An administrator",
      operator: "Whoever runs this server",
    },
    languageChoice: "Language",
    licences: "Licences",
    source: "Source code",
    runBy: (operator: string) => `This server is run by ${operator}`,
    contact: (contact: string) => `Contact: ${contact}`,
    skip: "Skip to the content",
    people,
  },

  errors: {
    unreachable: "The server cannot be reached. Check your connection and try again.",
    "not-kept":
      "This browser could not keep your key, so you have not joined. Free some space, or use another browser, and try again.",
    "not-understood": "The server said something this page does not understand. Reload the page.",
    "already-enrolled": "Your place in this meeting was taken with another key.",
    "bad-origin": "This page was opened under an address that the server does not know as its own.",
    "bad-request": "Something in what was entered cannot be used.",
    "bad-sdp": "Your browser and the server could not agree on how to send sound and pictures.",
    "bad-signature": "A signature does not verify.",
    "bad-statement":
      "The server did not accept what was signed. Check that your device's clock is right.",
    "bad-token": "This link is not valid, or not any more.",
    "database-unavailable": "The server cannot reach its database at the moment. Please try again.",
    forbidden: "You are not allowed to do this.",
    internal: "Something went wrong at the server. It has been noted there.",
    "login-taken": "Somebody already uses this login. Choose another.",
    "media-unavailable":
      "Sound and pictures are not carried at the moment. They come back by themselves.",
    "meeting-closed": "Nobody can come into this meeting at the moment. Ask whoever invited you.",
    "meeting-full": "The meeting is full.",
    "meeting-locked": "The host has locked the door of this meeting.",
    "meeting-not-found": "There is no such meeting.",
    "meeting-over": "This meeting is over.",
    "method-not-allowed":
      "This page asked the server in a way that it does not know. Reload the page.",
    "not-admitted": "Only people who are in the meeting can do this.",
    "not-a-host": "The key of this meeting does not say that you are a host.",
    "stale-act": "Another host was faster. Please look again.",
    "too-many-acts": "Too much was done in this meeting. It can still be stopped.",
    "not-enrolled": "Your place in this meeting is not known any more. Reload the page.",
    "not-found": "There is no such page.",
    "not-recordable": "This meeting was created so that it can never be recorded.",
    "not-signed-in": "Please sign in.",
    "not-watching": "The recording has to be opened again.",
    "log-unavailable": "The log cannot be shown at the moment. Please try again.",
    "meeting-deleted": "This meeting was deleted, and with it all that told who was in it.",
    "receipt-erased": "The meeting has been destroyed, and what its receipts are made of with it.",
    "export-settled":
      "It is too late: this export was approved, declined, taken back or begun, or has lapsed.",
    "own-export":
      "Another administrator than the one who asked approves an export, or declines it.",
    "no-administrator-asks": "Whoever asked for this export is not an administrator any more.",
    "too-many-exports":
      "Too many exports wait already. Some have to be approved, declined or taken back first.",
    "too-many-meetings": "More meetings than go into one data set. Choose their days.",
    "nothing-to-export": "No meeting is ready to be exported.",
    "not-exported": "There is no data set of this export that could be downloaded.",
    "downloads-off": "Data sets are not handed out here: the setting export_downloads is 0.",
    "too-many-downloads": "Too many downloads wait or run already. Some have to end first.",
    "download-over": "This download has come to its end, or was decided about already.",
    "not-dead": "The export of this meeting has not failed.",
    "bad-notice": "These words cannot stand in the notice.",
    "notice-unchanged": "These words are in force already.",
    "notice-outdated": "Another version was published in the meantime. Preview yours again.",
    "notice-not-in-force":
      "The words have changed since you were asked. Reload the page to see them.",
    "rate-limited": "Too many attempts. Wait a moment and try again.",
    removed: "The host has removed you from this meeting.",
    replaced: "You joined from somewhere else.",
    "stale-statement":
      "You have answered somewhere else in the meantime. What you see now is your last answer; please answer again.",
    "storage-unavailable": "The recording cannot be stored now.",
    "try-again": "Your answer could not be stored now. It is sent again until it is.",
    "too-large": "What was sent is too large.",
    "mode-not-offered": "This server cannot hold meetings of this kind.",
    "other-terms": "The terms of this server have just changed. Try again.",
    "vault-unavailable": "The vault that keeps the keys is not ready yet. Try again in a moment.",
    "weak-password": "A password needs at least 12 characters.",
    "wrong-credentials": "Login or password is wrong.",
  } satisfies Record<Code, string>,

  broken: {
    title: "Something went wrong",
    body: "This page met a problem that it did not expect. Nothing you answered is lost.",
    reload: "Reload",
  },

  notFound: {
    title: "There is nothing here",
    body: "The address may be incomplete. Check the link that you were given.",
    start: "Go to the start page",
  },

  links: {
    "cut-off":
      "This link was cut off on its way: its end is missing. Ask for the whole link, or copy it again.",
    altered:
      "Something was added to this link or changed in it, so it is not clear which link it was. Copy it again, from its beginning to its end.",
    sent: "The # in this link had been replaced on its way to you, so your browser had to send your key to the server with the address. Assent neither uses nor logs it there, but a proxy in front of it may have logged it. Use the link shown on this page from now on.",
  },

  unsupported: {
    webrtc:
      "This browser has no WebRTC, which sound and pictures need. Use a current Chrome, Edge, Firefox or Safari.",
    insecure:
      "Browsers give camera, microphone and keys only to pages opened with https:// (or on localhost). Ask whoever runs this server for its https address.",
    /** Why nothing more is sent (frame-guard.ts); no meeting encrypts frames yet. */
    sending: {
      "passed-by":
        "This browser did not encrypt what it was given to send, so nothing more is sent from here: neither sound nor pictures. Use another browser, or a newer version of this one.",
      uncounted:
        "This browser does not tell what it sends, so that nobody can see whether it is encrypted. Nothing more is sent from here: neither sound nor pictures. Use another browser.",
      failed:
        "Encrypting what is sent here has failed, and it is not sent any more. Reload the page to send again.",
    } satisfies Record<GuardCode, string>,
  },

  signIn: {
    title: "Sign in",
    intro:
      "Hosts and administrators sign in here. Guests need no account: they open the link of their meeting.",
    login: "Login",
    password: "Password",
    submit: "Sign in",
    signOut: "Sign out",
  },

  invitation: {
    title: "Make your account",
    forHost: "You were invited to host meetings on this server.",
    forAdministrator: "You were invited to administer this server.",
    until: (when: string) => `The invitation is good once, until ${when}.`,
    name: "Your name",
    login: "Login",
    loginHint: "For example your e-mail address. No spaces.",
    password: "Password",
    passwordHint: "At least 12 characters. A few random words are easy to remember.",
    submit: "Make account",
    invalid: "This invitation has been used, has run out, or is incomplete. Ask for a new one.",
  },

  password: {
    weak: {
      short: "A password needs at least 12 characters.",
      common:
        "This password is one of those that are tried first, or made of common words, keys or numbers in a row. A few random words are better.",
      personal:
        "This password is made of your login, your name or the name of this server. Others would try those first.",
    },
    title: "Set a new password",
    of: "This sets the password of",
    until: (when: string) => `The link is good once, until ${when}.`,
    password: "New password",
    submit: "Set password",
    invalid: "This link has been used, has run out, or is incomplete. Ask for a new one.",
  },

  start: {
    title: "Meetings",
    newMeeting: "New meeting",
    name: "Name of the meeting",
    recording: "Recording",
    recordingOffered: "People may be asked to agree to a recording",
    recordingNever: "This meeting can never be recorded",
    training: "Training data",
    trainingOffered: "People may also be asked to release the recording as training data",
    trainingNever: "The recording can never become training data",
    fixed: "What is not offered now can never be switched on for this meeting.",
    waitingRoom: "Waiting room: I let people in one by one",
    lifetime: "The link works for",
    hours: (hours: number) => (hours === 1 ? "1 hour" : `${hours} hours`),
    days: (days: number) => (days === 1 ? "1 day" : `${days} days`),
    create: "Create meeting",
    created: "Your meeting is ready",
    link: "Invitation link",
    linkHint: "Whoever has this link can join. Send it only to people you invite.",
    copyLink: "Copy link",
    calendar: "Calendar file",
    open: "Open meeting",
    mine: "My meetings",
    none: "You have no meetings yet.",
    newLink: "New link",
    newLinkConfirm:
      "Make a new link? The old one stops working at once, also for people whom you have sent it and who have not come yet. Whoever is in the meeting stays.",
    linkElsewhere:
      "This meeting was made in another browser, or its link is not kept here any more. The server does not have the link, so it cannot be shown here.",
    newLinkExplained: "The old link stops working. People who are in the meeting stay.",
    end: "End meeting",
    endConfirm: (title: string) => `End “${title}” for everybody? It cannot be started again.`,
    state: {
      planned: "Not started",
      running: "Running",
      ended: "Over",
      expired: "Link has run out",
    },
    offered: {
      none: "Never recorded",
      recording: "Recording may be asked",
      training: "Recording and training may be asked",
    },
    since: (when: string) => `since ${when}`,
    until: (when: string) => `until ${when}`,
    endedAt: (when: string) => `ended ${when}`,
    console: "Console",
    signedInAs: (name: string) => `Signed in as ${name}`,
  },

  door: {
    entering: "Opening the door…",
    incompleteLink:
      "This link is incomplete: the part after # is missing. Ask the host for the whole link.",
    otherRoom:
      "This link leads to another meeting room than the server shows. Do not join; ask the host for the link again, and tell them.",
    widerCharter:
      "The server wants to do more in this meeting than its link allows. Do not join; tell the host.",
    untrue:
      "What the server says about this meeting does not fit together. Do not join; tell the host.",
    noEntrance: "You cannot join this meeting",
    preview: "You, as others would see you",
    staysHere: "Only you see this. Nothing is sent before you join.",
    level: "Microphone level",
    devices: "Devices",
    microphone: "Microphone",
    camera: "Camera",
    systemDefault: "Default",
    testSound: "Play a sound",
    cleanSound: "Take away noise and echo",
    name: "Your name",
    nameHint: "Others in the meeting see it.",
    nameMissing: "Please enter your name.",
    questions: "Before you join",
    questionsIntro:
      "You can join without answering. Whatever you answer, the meeting is the same for you.",
    never:
      "This meeting was created so that it can never be recorded. There is nothing to agree to.",
    notice: "Read the full notice",
    noticeTitle: "The full notice",
    noticeOtherLanguage: (language: string) =>
      `This notice is not available in your language. It is shown in ${language}.`,
    change: "You can change this at any time.",
    join: "Join",
    ask: "Ask to join",
    returnTo: "Return to the meeting",
    joining: "Joining…",
    waiting: "You have asked to be let in. The host will see it.",
    waitingTitle: "Waiting for the host",
    giveUp: "Leave",
    welcomeBack: (name: string) =>
      `Welcome back, ${name}. You are known here: your name and answers are kept.`,
    mute: "Mute",
    unmute: "Unmute",
    cameraOn: "Turn camera on",
    cameraOff: "Turn camera off",
    cameraIsOff: "Your camera is off",
  },

  devices: {
    microphone: {
      refused:
        "Your browser does not allow the microphone. Allow it beside the address bar, then try again. Without it you can listen.",
      "in-use": "Another program is using your microphone. Close it, then try again.",
      none: "No microphone was found. You can take part and listen.",
      gone: "Your microphone was unplugged.",
      insecure: "Browsers give the microphone only to https pages. Without it you can listen.",
      other: "Your microphone could not be started.",
    },
    camera: {
      refused:
        "Your browser does not allow the camera. Allow it beside the address bar, then try again. You can also take part without.",
      "in-use": "Another program is using your camera. Close it, then try again.",
      none: "No camera was found. You can take part without.",
      gone: "Your camera was unplugged.",
      insecure: "Browsers give the camera only to https pages. You can take part without.",
      other: "Your camera could not be started.",
    },
  } satisfies Record<"microphone" | "camera", Record<DeviceProblem, string>>,

  deviceNotes: {
    microphone: {
      silenced:
        "Your microphone gives no sound: your system, a switch on it or the headset has muted it. The others see you as muted. Unmute it there.",
      theirs: (name: string) =>
        `Nothing is heard from ${name}: their system or a switch on their device has muted the microphone. Tell them, for example with a sign.`,
      "not-there": "The microphone you chose last is not connected. Another one is used.",
      "not-changed": "The microphone you chose cannot be used now. The one before is still used.",
    },
    camera: {
      silenced:
        "Your camera gives no picture: your system, a shutter or a switch on it holds it back. The others see no picture. Open it there.",
      theirs: (name: string) =>
        `${name}’s camera gives no picture: their system, a shutter or a switch on it holds it back. Tell them.`,
      "not-there": "The camera you chose last is not connected. Another one is used.",
      "not-changed": "The camera you chose cannot be used now. The one before is still used.",
    },
    speaker: {
      label: "Loudspeaker",
      missed:
        "The loudspeaker you chose is not there or cannot be used now. Sound comes from another one.",
    },
  },

  consent: {
    recording: {
      question: "May this meeting be recorded while you are in it?",
      short: "Recording",
      yes: "It is recorded while everybody present has said yes. Those who were there can watch it afterwards.",
      no: "Nothing is recorded while you are in the meeting.",
    },
    training: {
      question: "May the recording become training data for machine learning?",
      short: "Training data",
      yes: "Your browser hands over your key. The recording can be released only once everybody who was ever in the meeting has handed over theirs.",
      no: "The recording can never be opened for training.",
      later: "You can also answer this later, once you have watched the recording.",
      needsRecording:
        "A yes to training needs a yes to recording as well. Answer the first question with yes if that is what you want.",
      noKey:
        "The vault has no key for this meeting now, so a yes cannot be given. Either it is still being made, or somebody has withdrawn and it was destroyed.",
    },
    clear: "Clear my answer",
    othersHidden:
      "The others are not told who said no. In a small meeting they may be able to work it out.",
    othersShown: "This server shows the others in the meeting who has agreed.",
    will: {
      unanswered: "Not answered",
      yes: "Yes",
      no: "No",
      withdrawn: "Withdrawn",
    } satisfies Record<Will, string>,
    counts: "Counts as no.",
    send: "Send my answers",
    sending: "Sending…",
    notTaken: "Not taken yet.",
    notTakenWhat:
      "The server could not store this. It is sent again until the server has taken it. Keep this page open, or come back to it in this browser.",
    sent: "Your answers have been sent.",
    withdrawRecording: "Withdraw my yes to recording",
    withdrawTraining: "Withdraw my yes to training",
    againRecording: "Say yes to recording again",
    withdrawnTraining:
      "You have withdrawn. The key is destroyed, so this cannot be answered again for this meeting.",
    withdrawnRecording: "You have withdrawn. What was recorded of you is deleted.",
    confirmTitle: "Withdraw your yes?",
    confirmRecording:
      "Recording stops at once, and what was recorded of you is deleted. The recording of the others stays theirs.",
    confirmTraining:
      "Nothing of this meeting will be released as training data. The key for it is destroyed, for good.",
    cannotUndo:
      "What this cannot undo: recordings that were already exported, programs that have already learned from them, and copies that people made while they were allowed to watch.",
    confirm: "Withdraw",
    keep: "Keep my answer",
    onlyWithRecording: "This also withdraws your yes to training.",
    nothingOffered: "Nothing is asked in this meeting: it can never be recorded.",
    trainingNotOffered: "Training is not asked in this meeting and never will be.",
  },

  receiptLink: {
    title: "Your personal link",
    label: "Personal link",
    why: "Keep this link. With it you can see your answers, change or withdraw them, and agree to training later, without an account. It is a key: nobody else should have it.",
    lost: "If you lose it, and this browser forgets the meeting, you can do none of this by yourself any more. The server does not have it.",
    copy: "Copy personal link",
    banner:
      "Keep your personal link: with it you can see, change and withdraw your answers later, without an account. It is a key, for you alone.",
    notKept:
      "This browser keeps nothing: when this page is closed, your key is gone. Copy the link before.",
    bannerCopy: "Copy my link",
    bannerDone: "Done",
    open: "Open my receipt",
  },

  meeting: {
    main: "Meeting",
    controls: "Controls",
    messages: "Messages",
    capture: {
      off: "Not recording",
      paused: "Paused: not everyone has agreed",
      recording: "Recording",
      unknown: "Not known: reconnecting",
    },
    never: "Never recorded",
    agreed: (agreed: number, present: number) => `${agreed} of ${present} agreed`,
    allAgreed: "everyone agreed",
    notAllAgreed: "not everyone agreed",
    stateButton: (state: string, count: string) => `${state} · ${count}`,
    mute: "Mute",
    unmute: "Unmute",
    cameraOn: "Turn camera on",
    cameraOff: "Turn camera off",
    share: "Share screen",
    stopSharing: "Stop sharing",
    peopleButton: (count: number) => `People (${count})`,
    answers: "My answers",
    leave: "Leave",
    startRecording: "Start recording",
    stopRecording: "Stop recording",
    startHint: "Records only while everybody has agreed.",
    shortcuts: "Keyboard shortcuts",
    useShortcuts: "Use single keys as shortcuts",
    shortcutList: {
      M: "Mute or unmute",
      V: "Camera on or off",
      P: "People",
      A: "My answers",
      D: "Devices",
      "?": "This list",
    },
    tile: (name: string) => name,
    yourTile: (name: string) => `${name} (you)`,
    screenOf: (name: string) => `Screen of ${name}`,
    muted: "Muted",
    notBrought: "Not brought by the invitation",
    mutedBySystem: "Muted by the system",
    darkenedBySystem: "Picture held back by the system",
    away: "Connection lost",
    empty: "You are the only one here.",
    emptyHint: "The others will appear here as they join.",
    soundBlocked: "Your browser has silenced this page until you click.",
    soundOn: "Turn sound on",
    reconnecting: "Connection lost. Reconnecting…",
    weakConnection: "Your connection is weak. Sound comes first; pictures may be smaller or pause.",
    mediaTrouble:
      "Sound and pictures are being connected again… If this goes on, your network may not let them through.",
    noRoom:
      "The server's disk is nearly full. Nothing is being recorded, so that what people say and take back still fits.",
    storageTrouble: "The recording cannot be stored, so nothing is being recorded.",
    overloaded:
      "The server could not keep up with what was to be recorded. Nothing is being recorded; it begins again by itself.",
    unsigned: {
      title: "Not signed by a host",
      armed:
        "The server says that this meeting is being recorded, or may be. No host has signed that.",
      untrue: "The server shows something in a host's name that no host has signed.",
      silenced:
        "Your microphone, camera and screen were switched off. What you switch on again may be recorded.",
    },
    disputed: (count: number) =>
      `${count === 1 ? "The browser of one person says" : `The browsers of ${count} people say`} that this recording is not what they were shown. Ask whoever sees a warning what it says.`,
    answerRefused:
      "Your answer could not be sent, so it counts as not answered. Open “My answers” and answer again.",
    asked: "The host asks everybody once more whether the meeting may be recorded.",
    askedOpen: "Answer",
    notNow: "Not now",
    ghostTitle: "Careful: this recording is not what you were shown",
    ghostWhat:
      "The recording that has just begun can be opened by somebody, or with keys, that you were not shown. Tell the others. You can withdraw your yes, or leave.",
    ghost: {
      "bad-document": "The server's list of who it is recorded for cannot be read.",
      "other-meeting": "It was prepared for another meeting, notice or vault.",
      "broken-chain": "It does not follow the stretch before it.",
      stranger: "It can be opened by somebody who was not shown to you.",
      missing: "Somebody who is here is not on its list.",
      "wrong-keys": "It names other keys than those that people came with.",
    } satisfies Record<Ghost, string>,
    checked: (count: number) =>
      `Checked by your browser: ${people(count)} can watch this stretch, and all of them were shown to you.`,
    announce: {
      "recording-started": "The recording has started.",
      "recording-paused": "The recording is paused: not everyone has agreed.",
      "recording-stopped": "The recording has stopped.",
      joined: (name: string) => `${name} has joined.`,
      left: (name: string) => `${name} has left.`,
      waiting: (name: string) => `${name} asks to be let in.`,
      muted: "Your microphone is muted.",
      unmuted: "Your microphone is on.",
    },
  },

  device: {
    title: "Use another camera",
    what: "A camera, an encoder such as OBS, or a room system can take part as you: it sends its picture and sound beside yours, or shows the others on a screen.",
    covered:
      "To everybody it is you. What you have answered about recording and training holds for it too, and it stops when you leave.",
    draw: "Show address and token",
    drawAgain: "Make a new token",
    again: "A new token ends the one before, and the device that uses it.",
    drawn: "Address and token are shown.",
    end: "End the device",
    endConfirm:
      "End the device? It stops sending and watching at once. To use it again it needs a new token.",
    ended: "The device has ended.",
    access: "What the device needs",
    whip: "Address to send to (WHIP)",
    copyWhip: "Copy the address to send to",
    token: "Token (bearer token)",
    copyToken: "Copy the token",
    secret: (until: string) =>
      `Whoever has the token is you in this meeting: give it to nobody. It is shown only here and only now, and is valid until ${until}.`,
    whep: "Address to watch from (WHEP)",
    copyWhep: "Copy the address to watch from",
    whepHint: "With the same token, for a screen that shows the others.",
    elsewhere:
      "A token was drawn before this page was opened. It is not shown again; make a new one if you need it.",
    state: "Your device",
    awaited: "No device has connected yet.",
    does: {
      whip: "A device is connected and sends as you.",
      whep: "A device is connected and shows the others.",
    },
  },

  people: {
    title: "People",
    recorder: "Recorder",
    recorderExplained: "Saves this meeting, encrypted, while everybody agrees.",
    notBrought: "Not brought by your invitation link: anybody may be behind this name.",
    nameless: "The name that the server gives is not the one this person has signed.",
    withoutLink:
      "This browser does not have the invitation link of this meeting. So it cannot tell whom it has brought, and others are told that it has not brought you.",
    absentHost: "Is not here, and can watch what is recorded all the same.",
    agreed: "Agreed to recording",
    notAgreed: "Has not agreed",
    waiting: "Waiting to be let in",
    doubts: {
      removed: "A host has removed this person. The server shows them all the same.",
      "not-certified":
        "A host by the word of the server alone: the key of this meeting does not say so.",
      "not-admitted": "No host has signed that this person was let in.",
    },
    certify: (name: string) => `Confirm ${name} as a host`,
    certifyShort: "Confirm as host",
    uncertified:
      "You are a host by the word of the server alone: the key of this meeting is in the browser in which it was made. Here you can stop the recording, turn people away, lock the door and end the meeting. To record, let people in or remove them, use that browser, or have yourself confirmed from there.",
    admit: (name: string) => `Let in ${name}`,
    deny: (name: string) => `Turn away ${name}`,
    admitShort: "Let in",
    denyShort: "Turn away",
    remove: (name: string) => `Remove ${name}`,
    removeConfirm: (name: string) =>
      `Remove ${name} from this meeting? They are out at once. The link in their hands stays good, so from now on you let in everybody who is new.`,
    removeShort: "Remove",
    hostTitle: "For the host",
    lock: "Lock the meeting",
    unlock: "Unlock the meeting",
    locked: "Locked: nobody new can join.",
    askAgain: "Ask everyone again",
    askAgainHint:
      "Goes to everybody alike. You are not shown who has not agreed; in a small meeting you may be able to work it out.",
    askedDone: "Everybody has been asked.",
    endForAll: "End meeting for all",
    endConfirm: "End the meeting for everybody? It cannot be started again.",
    copyLink: "Copy invitation link",
  },

  left: {
    titles: {
      left: "You have left the meeting",
      removed: "The host has removed you from this meeting",
      denied: "The host has not let you in",
      ended: "The meeting is over",
      expired: "The meeting's time is over",
      replaced: "You joined from another window",
      restarting: "The server is restarting",
      crowded: "Too many want to come in",
    } satisfies Record<Goodbye["reason"], string>,
    refused: "You are no longer in the meeting",
    again: "Join again",
    askAgain: "Ask again",
    here: "Use this window instead",
    asNew: "Forget my place here",
    asNewConfirm:
      "Forget the place here and take a new one? You come in as a new person, and nobody can give the answers of the former one again. Its key stays in this browser, and its personal link goes on working.",
    asNewExplained:
      "This browser's place in the meeting is not known to the server any more. Keep your personal link, if there is one; then forget the place here, and open the invitation link again.",
  },

  receipt: {
    title: "Your receipt",
    of: (title: string) => `for “${title}”`,
    incomplete:
      "This link is incomplete, and this browser does not know the meeting. Open the whole personal link.",
    invalid: "The key in this link cannot be read. Check that the link is complete.",
    unknown: "The server has nothing from whoever holds this link.",
    untrue:
      "What the server holds does not fit this link's key. It was changed, or it belongs to somebody else. Do not trust it.",
    checking: "Checking signatures…",
    checked: "Checked just now in your browser",
    checkedWhat: (answers: number) =>
      answers === 0
        ? "Your enrolment is signed with your key. You have not answered anything."
        : `Your enrolment and ${answers === 1 ? "your answer" : `all ${answers} answers`} are signed with your key, and none is missing in between.`,
    meeting: "The meeting",
    started: (when: string) => `Began ${when}`,
    ended: (when: string) => `Ended ${when}`,
    notStarted: "Has not begun",
    running: "Still running",
    stretches: (count: number) =>
      count === 0
        ? "Nothing was recorded."
        : count === 1
          ? "1 stretch was recorded."
          : `${count} stretches were recorded.`,
    now: "My answers now",
    formerKeys: "Other keys of yours",
    formerKeysWhat:
      "You came to this meeting more than once from this browser. Each time has answers of its own; open it to see and change them.",
    history: "What I answered, and when",
    none: "You have not answered anything.",
    when: "When",
    words: "Words",
    readWords: (language: string) => `Read the words (${language})`,
    wordsTitle: "The words this answer is bound to",
    released: "Training data: what happens with the recording",
    release: {
      none: "Nothing is going to be released. The recording stays encrypted.",
      cooling: (when: string) =>
        `Everybody has said yes. It will be released ${when}. Until it is exported, you can still withdraw.`,
      ready:
        "Everybody has said yes. The recording is ready to be exported. You can still withdraw.",
      claimed: "The recording is being exported right now.",
      exported:
        "The recording has been exported as training data. Withdrawing cannot undo that. It keeps it out of every further data set.",
      dropped: "The release was stopped. Nothing of it will be exported.",
    },
    dataSet: {
      title: "Given away in a data set",
      givenTo: (recipient: string, purpose: string) => `Given to ${recipient}, for ${purpose}.`,
      before:
        "To whom it was given, and for what, is in no record: it was exported before that was written down.",
      nobodySaid: "Whoever had it exported did not say to whom it is given, or for what.",
      fromLog: "This is what the log says. It was checked here, with your proof.",
      fromServer: "So far only the server says this. It has not been checked against the log.",
      differs:
        "The server says something else about this data set than the log. What you see here is what the log says.",
      recall: "Recalled",
      recalled: (when: string) =>
        `Recalled on ${when}: whoever has the data set is told to remove this meeting from it.`,
      reasons: {
        withdrawn: "Somebody took back their yes.",
        revoked: "It was taken back for somebody.",
        deleted: "The meeting was deleted.",
      },
      recallSigned: "The vault has signed this recall. The signature was checked here.",
      recallUntrue:
        "The server shows a recall of this meeting that its vault has not signed. It proves nothing.",
      recallAwaited: "It was taken back after the export. A recall has not been published yet.",
      fetched: (first: string, last: string) =>
        `Only the server says this: the recall was fetched first on ${first}, and last around ${last}. It does not keep by whom. That it was fetched does not show that anything was removed.`,
      notFetched: "Only the server says this: nobody has fetched the recall yet.",
    },
    notOffered: "Training was not offered in this meeting and never will be.",
    proof: "Proof",
    person: "Your id in this meeting",
    vault: "Fingerprint of the vault",
    server: "Fingerprint of the server",
    charter: "Digest of what could be asked",
    build: "Digest of the client that asked you",
  },

  watching: {
    title: "The recording",
    opening: "Opening the recording…",
    watch: "Watch",
    summary: (length: Length, stretches: number) =>
      `${inWords(length)} in ${stretches === 1 ? "one stretch" : `${stretches} stretches`}.`,
    others: (count: number) =>
      count === 1
        ? "One more stretch was recorded without you. You cannot open it."
        : `${count} more stretches were recorded without you. You cannot open them.`,
    notYet: "Nothing can be watched yet. A stretch can be watched once it is closed.",
    nothingForYou:
      "There is no stretch that you can open: nothing was recorded while you were there.",
    stillRecording: "Still being recorded",
    destroyedAt: (when: string) => `The recording and its keys were destroyed ${when}.`,
    cannotPlay:
      "This browser cannot play what is recorded. Open your link in a current Chrome, Edge, Firefox or Safari.",
    openedHere: (until: string) =>
      `It is decrypted in this browser, with the key in your link. The server cannot open it. It is kept until ${until} at the longest.`,
    trouble: {
      unreachable: "The server cannot be reached. Playing goes on when it can.",
      untrue:
        "A part of the recording does not fit what was signed. It was changed or belongs elsewhere, and is not shown.",
      destroyed: "The keys of this recording were destroyed. It cannot be opened any more.",
      unplayable: "This browser could not read the recording.",
    },
    damaged: (count: number) =>
      `${count === 1 ? "One piece does" : `${count} pieces do`} not fit what was signed, and ${count === 1 ? "was" : "were"} left out.`,
    someDeleted: (count: number) =>
      count === 1
        ? "One person has had their part deleted."
        : `${count} people have had their parts deleted.`,
    partDeleted: "Deleted at their wish",
    nameless: "Somebody",
    region: "Player of the recording",
    everyone: "Everyone in the recording",
    large: (name: string) => `Show ${name} large`,
    controls: "Playing",
    play: "Play",
    pause: "Pause",
    back: "Ten seconds back",
    forward: "Ten seconds forward",
    loading: "Loading",
    speed: "Speed",
    times: (speed: number) => `${speed}×`,
    seek: "Place in the recording",
    position: (at: Length, of: Length) => `${inWords(at)} of ${inWords(of)}`,
    whoSpeaks: "Who speaks when",
    whoSpeaksHow:
      "Drawn from how much sound each microphone sent, a second or two at a time. Noise counts as well.",
    spoke: (name: string, share: number) => `Sound from ${name} in ${share} % of the recording`,
    volume: (name: string) => `Volume of ${name}`,
    pauses: (count: number, length: Length) =>
      `${count === 1 ? "One pause" : `${count} pauses`}, ${inWords(length)} in all, ${count === 1 ? "is" : "are"} skipped: nothing was recorded then.`,
    stretches: (count: number) =>
      count === 1
        ? "The stretch, and who can open it"
        : `The ${count} stretches, and who can open them`,
    began: "Began",
    length: "Length",
    couldOpen: "Who can open it",
    interrupted: "interrupted",
    people: (count: number, names: string) =>
      `${count === 1 ? "1 person" : `${count} people`}${names === "" ? "" : `: ${names}`}`,
    copyTitle: "A copy of my own",
    copyMeans:
      "A copy on your device is outside of Assent. It is not encrypted, nobody can delete it for the people in it, and whoever gets hold of it can watch it. They agreed to be watched by those who were there.",
    copy: "Download",
    copyOf: (track: string) => `Download ${track}`,
    track: (name: string, source: string) => `${name}, ${source}`,
    sources: {
      microphone: "microphone",
      camera: "camera",
      screen: "screen",
      "screen-audio": "sound of the screen",
      "device-microphone": "sound of another device",
      "device-camera": "picture of another device",
    } satisfies Record<Source, string>,
    copied: "The copy is on your device.",
    copiedPartly: (missing: number) =>
      `The copy is on your device, without ${missing === 1 ? "one piece that was" : `${missing} pieces that were`} deleted or damaged.`,
    notCopied: "The copy could not be finished. Nothing of it was kept, or only a part.",
    deleteTitle: "My part of the recording",
    deleteWhat:
      "You can have everything deleted that was recorded of you: your voice, your picture, your screen. What was recorded of the others stays with them.",
    deletePart: "Delete my part",
    keepPart: "Keep my part",
    deleteConfirm: "Delete everything recorded of you?",
    deleting: "Your part is being deleted. This page says when nothing of it is left.",
    deletedAt: (when: string) =>
      `Your part was deleted. Nothing of it was left on the server ${when}.`,
    deleteLimits:
      "Copies that somebody made while watching was allowed are outside of what the server can delete.",
    droppedRevoked: "The host or an administrator took something back, so it was not released.",
    droppedWithdrawn: "Somebody has taken their yes back.",
    droppedRetention: "The time for which it could be kept is over.",
    droppedOther: "Not everything that a release needs was there any more.",
    dataSet: "Data set",
    exportedAt: "Exported",
    manifest: "Digest of its list of files",
  },

  acts: {
    open: "Take back or delete",
    title: (meeting: string) => `Take back or delete: ${meeting}`,
    explained:
      "For somebody who has lost their link, or who asks you to. It only ever takes away: nobody can agree to anything for anybody here. It is logged with your role, and the person sees it on their page.",
    names: "You see who was there, and never what anybody answered.",
    nobody: "Nobody was in this meeting.",
    withdraw: "Withdraw training",
    deletePart: "Delete their part",
    deleteMeeting: "Delete the meeting",
    confirm: {
      training: (name: string) => `Withdraw training for ${name}?`,
      recording: (name: string) => `Delete the part of ${name}?`,
      meeting: (title: string) => `Delete “${title}”?`,
    },
    what: {
      training:
        "The recording of this meeting will never be released for training, and the vault's key to it is destroyed. It can still be watched.",
      recording:
        "The yes to recording and to training is taken back for this person. All that was recorded of them is deleted, and the recording of this meeting will never be released for training. The others keep their parts.",
      meeting:
        "The recording, its keys and all that tells who was there are deleted, now and for everyone. If the meeting is running, it ends.",
    },
    cannotUndo:
      "This cannot be undone. What was exported before, and copies that people have made, are not reached by it.",
    done: "Done. It is carried out now.",
    doneBy: {
      training: (by: string, when: string) => `${by} withdrew training, ${when}`,
      recording: (by: string, when: string) => `${by} had the part deleted, ${when}`,
      meeting: (by: string, when: string) => `${by} deleted this meeting, ${when}`,
    },
    forYou: {
      title: "Taken back for you",
      training: (by: string, when: string) =>
        `${by} took back the yes to training for you (${when}).`,
      recording: (by: string, when: string) =>
        `${by} took back the yes to recording and to training for you, and had your part deleted (${when}).`,
      meeting: (by: string, when: string) => `${by} deleted this meeting (${when}).`,
      hint: "You can take back more yourself, and nobody can undo that. What is recorded from now on, you decide anew.",
    },
    byOthers: "Somebody else took this back for you.",
    notAdmitted:
      "You were not let into this meeting. Nothing of you was recorded, and what you answered counts for nothing.",
  },
  console: {
    actions: "Actions",
    endMeeting: "End meeting",
    endTitle: (title: string) => `End “${title}” for everybody?`,
    endBody:
      "Everybody in it is sent out at once, its recording stops, and it cannot be started again.",
    disableBody:
      "The account is signed out everywhere. Its running meetings end for everybody in them, and cannot be started again; its other meetings stay closed until it is enabled again. Its invitations, its links that set a password and its exports that have not begun end.",
    title: "Console",
    overview: {
      title: "Overview",
      states: { ready: "Ready", "not-ready": "Not ready", unknown: "Not known at the moment" },
      notKnown: "Nothing is known yet.",
      asOf: (when: string) => `What follows is as of ${when}.`,
      warnings: "To be seen to:",
      reasons: {
        "worker-silent": "the vault's worker has not been heard of",
        "worker-not-running": "the vault's worker does not run",
        "media-not-running": "nobody carries sound and pictures",
        "clock-unconfirmed": "the clock is in doubt until somebody confirms it",
        "answers-owed": "what people have said could not be stored yet, and is held",
        "log-not-published": "the public log is not shown any further",
        "client-not-built": "the pages of this server are not built",
        "vault-never-seen": "the vault's worker has never started",
        "space-low": "a disk is nearly full",
        "space-unknown": "how full a disk is cannot be found out",
        "database-unavailable": "the database is away",
        "recordings-unrecovered": "recordings that were cut off are not closed yet",
        "certificate-expired": "the certificate has expired",
        "certificate-expires-soon": "the certificate expires within 30 days",
        "certificate-expires-very-soon": "the certificate expires within 7 days",
      },
      meetings: "Meetings now",
      running: (running: number, count: number) =>
        `${running} with somebody in ${running === 1 ? "it" : "them"}, ${people(count)} in all`,
      exports: "Exports",
      exportsRunning: (running: number, requested: string) =>
        `${running} being written, ${requested} asked for and not begun`,
      worker: "Vault's worker",
      heard: (when: string) => `last heard of ${when}`,
      neverHeard: "not known: it was never heard of",
      certificate: "Certificate",
      noCertificate: "not known: this server shows none itself",
      expires: (days: number, when: string) =>
        `${days} ${days === 1 ? "day" : "days"} left, until ${when}`,
      expired: "expired",
      disks: "Room on disks",
      free: (free: string, total: string) => `${free} of ${total} free`,
      belowFloor: (floor: string) => `– less than the ${floor} that recordings need`,
      destructions: (days: number) => `Destroyed within ${days} days`,
      recordings: (count: string) => (count === "1" ? "1 meeting" : `${count} meetings`),
      toDo: "To act on",
      recalls: (meetings: number, dataSets: number) =>
        `${meetings} ${meetings === 1 ? "meeting was" : "meetings were"} taken back of ${dataSets} ${dataSets === 1 ? "data set" : "data sets"}. Whether every copy has been freed of them is not known here.`,
      owed: (count: string) =>
        `${count} ordered ${count === "1" ? "deletion has" : "deletions have"} not been seen done yet; the worker goes on with it by itself`,
      none: "none",
    },
    notices: {
      title: "Notice",
      hint: "The words that people are asked to agree to. A version that was published is never changed again.",
      inForce: (version: number) => `Version ${version} is in force for new meetings`,
      byServer: "published by the server when it started",
      noPlace: (languages: string) =>
        `The notices in notice_dir have no \${own_words} in: ${languages}. Until they do, nothing can be added here.`,
      digests: "Digests (SHA-256)",
      immutable: "Every answer is bound to one of these.",
      kinds: {
        both: "recording and training are asked about",
        recording: "recording alone is asked about",
        nothing: "nothing is asked",
      },
      write: "Write a new version",
      fixed:
        "What the notice says of recording, training, data, keeping and withdrawing is fixed: it comes from the files of the notice, which are the program's own or those in notice_dir, from this server's settings and from each meeting's charter, for it has to say what is carried out. Nobody can change it or take it out here. What you write stands in a section of its own at the end, as words of whoever runs this server. It is needed in every language, or in none.",
      mayStand: "What may stand in it",
      markdown:
        "Markdown: paragraphs, lists, strong and emphasised words, links, headings from ### on.",
      facts: "Facts of this server that are filled in:",
      passages:
        "A passage for some meetings alone; also: training not offered, recording offered, recording not offered, names shown, names hidden.",
      length: (count: number, most: number) => `${count} of ${most} characters`,
      preview: "Preview",
      next: (version: number) => `Version ${version}, not published`,
      language: "Language",
      kind: "Meetings in which",
      asAtTheDoor: "As people see it at the door",
      compared: (version: number) => `Compared with version ${version}, which is in force`,
      newLanguage: "This language is new.",
      unchanged: (lines: number) => (lines === 1 ? "1 line as before" : `${lines} lines as before`),
      added: "Added:",
      removed: "Removed:",
      forWhom: "What changes for whom",
      runningKeep: (count: number) =>
        `Meetings that have begun (${count}) keep the words that their charter names.`,
      plannedKeep: (count: number) =>
        `Meetings that were created and have not begun (${count}) keep theirs, too.`,
      newGet: (version: number) => `Meetings created from then on get version ${version}.`,
      answersStay: "Answers that were given stay bound to the words that were shown.",
      publish: (version: number) => `Publish version ${version}`,
      publishConfirm: (version: number) =>
        `Publish version ${version} for all new meetings? It goes into the public log and cannot be changed or taken back; only another version can follow it.`,
      published: "The new version is in force for new meetings.",
      reasons: {
        empty: "There are words in other languages, and none in this one.",
        "too-long": "These words are too long.",
        "control-character": "There is a control character in these words.",
        heading:
          "A heading may not be greater than ###: it would end the section that says whose words these are.",
        rule: "A line across would end the section that says whose words these are.",
        "unknown-fact": "There is a ${…} in these words that is no fact of this server.",
        marks: "The %% marks in these words do not fit together.",
        "language-missing": "Every language of the notice needs an entry.",
        "language-unknown": "The notice is not there in this language.",
        "no-place": "The server's own notice has no place for these words in this language.",
      },
    },
    log: {
      title: "Public log",
      hint: "What is said and done is in here as salted digests, and cannot be taken out again. Anybody can read it under /log.",
      head: (size: number, at: string) => `${size} entries, shown since ${at}`,
      problem: (code: string) => `The log does not go on: ${code}`,
      noWitnesses: "No witness is asked to cosign it.",
      cosigned: (size: number) => `cosigned ${size} entries`,
      witnessProblem: (code: string) => `not cosigned: ${code}`,
    },
    meetings: "Meetings",
    noMeetings: "There are no meetings yet.",
    columns: {
      meeting: "Meeting",
      people: "People",
      recording: "Agreed to recording",
      training: "Agreed to training",
      stretches: "Recorded stretches",
      gate: "May it be released?",
      release: "Release",
    },
    counted: "People are counted here, never named.",
    gate: {
      release: "Yes",
      blocked: "No",
      unknown: "Not looked at yet",
    },
    reasons: {
      "training-not-offered": () => "training was never offered",
      "not-over": () => "the meeting is not over",
      "recording-open": () => "its recording is not closed yet",
      "nothing-recorded": () => "nothing was recorded",
      "not-answered": (count: number) =>
        `${people(count)} ${count === 1 ? "has" : "have"} not answered`,
      refused: (count: number) => `${people(count)} said no`,
      withdrawn: (count: number) => `${people(count)} ${count === 1 ? "has" : "have"} withdrawn`,
      revoked: () => "something was taken back by host, administrator or operator",
      "bad-evidence": (count: number) => `evidence of ${people(count)} does not verify`,
      "sealed-seed-missing": (count: number) => `the key of ${people(count)} was not handed over`,
      "answers-owed": (count: number) =>
        `the server could not store what ${people(count)} took back, yet`,
      "report-unreadable": () => "what was last found out about it cannot be read",
      "not-logged": () => "what is stored is not what the log says was said and recorded",
      "notice-not-in-force": (count: number) => `${people(count)} agreed to other words`,
      "segments-damaged": (count: number) =>
        `${count} stored ${count === 1 ? "part is" : "parts are"} damaged or missing`,
      destroyed: () => "something of it was destroyed",
      "retention-over": () => "its time of keeping is over",
      "vault-key-missing": () => "its key no longer exists",
      "export-segments-damaged": () =>
        "it could not be exported: stored parts were damaged or missing",
      "export-bad-evidence": () => "it could not be exported: its evidence does not fit together",
      "export-no-frames": () => "it could not be exported: there is no sound or picture in it",
      "export-timeline-too-long": () => "it could not be exported: its times are too far apart",
      "retry-asked": () => "somebody has asked to try it again",
      "vault-lost": () => "its vault was lost",
      "cooling-off": () => "it has not cooled off",
    },
    otherReason: (code: string, count: number) => (count > 0 ? `${code} (${count})` : code),
    release: {
      cooling: (when: string) => `Cooling off, ready ${when}`,
      ready: () => "Ready to export",
      claimed: () => "Being exported",
      exported: () => "Exported",
      dropped: () => "Dropped",
    } satisfies Record<ReleaseState, (when: string) => string>,
    noRelease: "–",
    queue: "Release queue",
    releases: {
      hint: "Every meeting that the gate has looked at. This list follows by itself.",
      empty: "There is none.",
      filter: "Show which state",
      all: "All",
      columns: {
        meeting: "Meeting",
        state: "State",
        since: "Since",
        next: "What comes next",
        why: "Why",
      },
      states: {
        cooling: "Cooling off",
        ready: "Ready",
        claimed: "Being exported",
        exported: "Exported",
        dropped: "Dropped",
        dead: "Export failed",
        blocked: "Blocked",
      } satisfies Record<QueueState, string>,
      readyAt: (when: string) => `ready ${when}`,
      waits: "goes into the next export",
      leasedUntil: (when: string) =>
        `the worker holds it until ${when}, and renews that while it works`,
      inExport: "in data set",
      retry: "Try again",
      retryAsked: (when: string) => `asked to be tried again ${when}`,
      retrySaid: "The gate will look at it again.",
    },
    pages: { label: "Pages", newest: "Newest", older: "Older" },
    figures: {
      title: "Figures",
      hint: "Counted from what is there: what was destroyed since is in no column any more. Days are those of UTC.",
      span: "How long",
      days: (count: number) => `${count} days`,
      total: (count: number) => `${count} in all`,
      table: "As a table",
      since: "From",
      series: {
        meetings: "Meetings created",
        recordings: "Recorded stretches",
        answers: "Answers signed",
        releases: "Releases queued",
        exports: "Meetings exported",
        deletions: "Deletions ordered",
      } satisfies Record<FigureSeries, string>,
      storageOverTime: "Room in use over time",
      storageHint:
        "The most that was in use, written down every six hours by this server since it can.",
      storage: "Disks",
      places: { objects: "recordings", server: "the server's keys", database: "database" },
      used: (used: string, total: string) => `${used} of ${total} in use`,
      unknown: "cannot be found out",
    },
    audit: {
      title: "Audit trail",
      hint: "Read from what the acts themselves have left in the database. Who signed in, who ended a meeting and who disabled an account is not written down anywhere, and not told here; invitations are listed as long as they are kept.",
      empty: "Nothing of the kind.",
      all: "All",
      from: "From",
      until: "Until",
      download: (format: string) => `Download ${format}`,
      columns: { when: "When", what: "What", who: "Who", meeting: "Meeting", detail: "Details" },
      by: { operator: "Operator", vault: "Vault", unknown: "Not written down" },
      acts: {
        "account-made": "Account made",
        "account-disabled": "Account disabled",
        "invitation-made": "Invitation made",
        "notice-published": "Notice published",
        "meeting-created": "Meeting created",
        "meeting-ended": "Meeting ended",
        "meeting-destroyed": "Meeting destroyed",
        "taken-back": "Taken back for others",
        "release-queued": "Release queued",
        "release-dropped": "Release dropped",
        "retry-asked": "New attempt asked for",
        "export-asked": "Export asked for",
        "export-approved": "Export approved",
        "export-declined": "Export declined",
        "export-taken-back": "Export taken back",
        "export-ended": "Export ended",
        "download-asked": "Download asked for",
        "download-approved": "Download approved",
        "download-declined": "Download declined",
        "download-taken-back": "Download taken back",
        "download-ended": "Download ended",
        "data-set-fetched": "Data set fetched",
        "meeting-exported": "Meeting exported",
        "deletion-ordered": "Deletion ordered",
        "deletion-seen": "Deletion seen done",
        "clock-confirmed": "Clock confirmed",
      } satisfies Record<AuditedAct, string>,
    },
    exports: "Exports",
    exportReady: "Export what is ready",
    exportConfirm:
      "Export these meetings? The recordings are opened and written to the export folder. Who takes their yes back later is no longer in the next export, but what has been exported cannot be taken back by this server.",
    exportAsked: "The export has been asked for.",
    noExports: "Nothing has been exported yet.",
    exportState: {
      requested: "Asked for",
      running: "Being written",
      done: "Done",
      failed: "Failed",
      proposed: "Waits for approval",
      declined: "Declined",
      "taken-back": "Taken back",
      lapsed: "Lapsed",
    },
    sessions: {
      title: "Where you are signed in",
      hint: "Each of these is a browser that is signed in with your account. When one was used is known to the hour.",
      since: (when: string) => `signed in ${when}`,
      used: (when: string) => `last used ${when}`,
      until: (when: string) => `ends ${when} if it is not used`,
      current: "This browser",
      end: "Sign out",
      endOthers: "Sign out everywhere else",
    },
    settings: {
      title: "Settings",
      hint: "They are read when the server starts, from its file or its environment, and are changed there under these names; nothing can be changed here. Of a secret only whether it is set is told. What they mean is in English, as in the program.",
      show: (count: number) => `Show all ${count}`,
      key: "Key",
      value: "Value",
      about: "What it is for",
      unset: "not set",
      secret: "set; it is not shown",
    },
    funnel: {
      title: "How far people come",
      hint: "Counted by meeting, never named: whoever was in two meetings is counted in both. How many were sent a link nobody knows; counted is who opened it.",
      meetings: (count: number) => (count === 1 ? "1 meeting" : `${count} meetings`),
      newest: (count: number) => `Of the newest ${count} meetings alone.`,
      stage: "How far",
      people: "People",
      share: "Of those who opened the link",
      stages: {
        invited: "Opened the link",
        joined: "Came in",
        recording: "Agreed to recording",
        training: "Agreed to training",
        released: "In a released meeting",
        exported: "In a data set",
        withdrawn: "Took something back",
      },
    },
    accountSince: (when: string) => `account since ${when}`,
    roleMay: {
      administrator: "Everything in this console, and all that hosts may. Opens no recording.",
      host: "Makes meetings, and decides in their own; sees nothing of others'.",
    },
    downloading: {
      start: "Download",
      confirm:
        "Download this data set? The vault seals it to a key that this page draws now, and your browser opens it and writes it to your disk. The audit trail names you. Keep this page open until it is done: a page that was reloaded has to begin anew.",
      parts:
        "This browser writes files of 256 MB, numbered from 001. Join them in their order before you unpack them, for example: cat data-set-*.tar.0* > data-set.tar",
      asked: "The vault has been asked for the data set.",
      proposed: "Another administrator has to approve this download. Keep this page open.",
      progress: (done: string, total: string) => `${done} of ${total}`,
      away: "The server cannot be reached. The download goes on when it can.",
      done: "The data set is on your disk. Check it with: assent-vault check-dataset",
      cancelled: "The download was cancelled.",
      lapsed: "The time of this download is over. Begin anew.",
      untrue: "What arrived is not what the vault sealed. Nothing of it was kept.",
      notWritten: "It could not be written to your disk.",
      byOther: (name: string) => `${name} downloads it`,
      wants: (name: string) => `${name} asks to download it`,
      elsewhere:
        "A page that you have closed or reloaded had begun a download. It cannot go on; begin anew.",
      approve: "Approve the download",
      approveConfirm:
        "Approve this download? The data set then leaves the vault's machine for the browser of whoever asks.",
      decline: "Decline the download",
      declineConfirm: "Decline this download? Nothing is handed out.",
      /** Why it ended, or what it waits for. */
      why: {
        "data-set-missing": "The folder of this data set is not there any more.",
        "data-set-changed": "The data set is not what the vault has signed.",
        "data-set-unreadable": "The data set cannot be read from the disk.",
        "data-set-recalled":
          "Something of this data set was taken back. Once it was taken out of the folder (assent-vault check-dataset --apply), the rest can be downloaded.",
        "data-set-elsewhere":
          "This data set was written to a folder of its own by the command, and is not handed out from there.",
        "data-set-too-large": "This data set is too large to be downloaded here.",
        "recalls-unknown":
          "What was taken back of this data set cannot be found out, so it is not handed out.",
        "bad-key": "The key of this page could not be used.",
        replaced: "The download was begun anew in another page.",
        "downloads-off": "Downloads were switched off (export_downloads).",
        "space-low": "It waits: a disk is nearly full.",
        "space-unknown": "It waits: how full a disk is cannot be found out.",
        "store-unavailable": "It waits: the object store takes nothing at the moment.",
      },
    },
    exporting: {
      again: {
        make: "Make the next version",
        hint: (id: string) =>
          `The next version of data set ${id}: those of its meetings that are still agreed to, without what was taken back.`,
        instead: "A new data set instead",
        of: (id: string) => `next version of ${id}`,
        included: "Also meetings that are in a data set already",
        noRoom: (count: number) => `${count} more have no room: choose days`,
        refused: (count: number) =>
          count === 1
            ? "1 meeting that was exported before cannot be once more:"
            : `${count} meetings that were exported before cannot be once more:`,
        why: {
          withdrawn: "somebody has withdrawn.",
          revoked: "something was taken back for somebody.",
          "retention-over": "its time of keeping is over.",
          destroyed: "it was destroyed.",
          "vault-key-missing": "its key no longer exists.",
          "too-many-data-sets": "it is in 100 data sets already.",
        },
      },
      recipient: "To whom it is given",
      recipientHint:
        "This stands in the data set and in the log, and everybody who was in these meetings can see it.",
      purpose: "For what",
      since: "Meetings from",
      until: "Meetings until",
      audioOnly: "Sound only, without pictures",
      said: "This has to be said.",
      days: "The last day is before the first.",
      propose: "Propose this export",
      needsApproval:
        "It is not begun before another administrator has approved it, which can be done for 72 hours. Until it is begun you can take it back.",
      proposed: "The export waits for another administrator.",
      approve: "Approve",
      approveConfirm:
        "Approve this export? The vault then opens the recordings and writes them to the export folder. What has been exported cannot be taken back by this server.",
      decline: "Decline",
      declineConfirm:
        "Decline this export? It is not made. Whoever asked for it can only ask for another one.",
      takeBack: "Take back",
      takeBackConfirm: "Take this export back? It is not made. You can ask for another one.",
      forecast: (meetings: number, hours: string, size: string) =>
        `${meetings === 1 ? "1 meeting" : `${meetings} meetings`}, ${hours} hours, about ${size} as they are stored`,
      unmeasured: (count: number) => `not counting ${count} that the vault has not measured yet`,
      left: (count: number) => `${count} more are for the next export`,
      askedBy: (name: string) => `by ${name}`,
      approved: (when: string, name: string) => `approved ${when} by ${name}`,
      declined: (when: string, name: string) => `declined ${when} by ${name}`,
      takenBack: (when: string, name: string) => `taken back ${when} by ${name}`,
      lapses: (when: string) => `can be approved until ${when}`,
      from: (day: string) => `from ${day}`,
      through: (day: string) => `until ${day}`,
      filters: {
        title: "Only meetings and sound that …",
        languages: "Everybody read what they agreed to in one of these languages",
        languagesHint:
          "As de or pt-BR, with commas between, at most 20. As their signed answers say; which language is spoken nobody knows.",
        languagesWrong: "These have to be tags of languages, as de or pt-BR, at most 20.",
        seconds: "Meetings of at least so many seconds",
        secondsWrong: "This has to be a whole number of up to nine digits.",
        filled:
          "Without sound of which more than this percentage is silence that was laid where nothing arrived",
        clipped:
          "Without sound of which more than this percentage is clipped, or of which that is not known",
        percentWrong: "This has to be a number from 0 to 100.",
        later: "Which sound that leaves out is known only when it is written.",
        readIn: (names: string) => `read by everybody in: ${names}`,
        atLeast: (length: string) => `meetings of at least ${length}`,
        mostFilled: (percent: string) =>
          `without sound of which more than ${percent} is laid silence`,
        mostClipped: (percent: string) => `without sound of which more than ${percent} is clipped`,
        unlooked: (count: number) => `in which language ${count} more were read was not looked at`,
      },
      /** Why the vault has not begun it. */
      why: {
        "former-unknown": "The log has no such data set.",
        "too-many-meetings": "More meetings than go into one data set.",
        "not-approved": "No second administrator has approved it.",
        "approval-void": "Who asked or who approved is not an administrator any more.",
        "approval-lapsed": "It was not begun in time after it had been approved.",
        "account-disabled": "The account of who asked or approved was disabled.",
      },
    },
    progress: (done: number, total: number) => `${done} of ${total} meetings`,
    folder: "Folder",
    givenTo: (recipient: string, purpose: string) => `for ${recipient}: ${purpose}`,
    recalled: (count: number) =>
      count === 1
        ? "1 meeting was taken back since. Remove it from this folder and from every copy: assent-vault check-dataset --apply."
        : `${count} meetings were taken back since. Remove them from this folder and from every copy: assent-vault check-dataset --apply.`,
    recallsFetched: (when: string) => `What was recalled was last fetched around ${when}.`,
    recallsNotFetched: "What was recalled has not been fetched since.",
    asked: (when: string) => `asked for ${when}`,
    finished: (when: string) => `finished ${when}`,
    people: "Accounts",
    roles: { host: "Host", administrator: "Administrator" },
    disabled: "disabled",
    disable: "Disable",
    enable: "Enable",
    resetPassword: "New password",
    resetConfirm: (name: string) =>
      `Make a link with which a new password can be set for ${name}? Whoever has the link can sign in as ${name}. It works once, for a day, and cannot be taken back.`,
    resetLink: (login: string) => `Link that sets the password of ${login}`,
    inviteHost: "Invite a host",
    inviteAdministrator: "Invite an administrator",
    invitationLink: "Invitation link",
    invitationHint: (when: string) => `Good once, until ${when}. It is shown only now.`,
    notAllowed: "The console is for administrators.",
  },

  proof: {
    title: "Proof",
    lead: "Checked here, in your browser, one after the other. None of it rests on the server's word alone.",
    states: {
      waiting: "Not yet checked:",
      holds: "Holds:",
      "own-word": "Holds as far as the file itself says:",
      fails: "Does not hold:",
      "not-made": "Not looked at:",
    },
    checks: {
      file: {
        title: "The file",
        holds: "It is a receipt, and no part of it is missing.",
      },
      charter: {
        title: "What could be asked",
        holds: "It says what could be asked in the meeting, and which keys vouch for it.",
      },
      server: { title: "The server" },
      vault: { title: "The vault" },
      words: {
        title: "The words",
        holds: "The notice is, letter for letter, the one that was in force.",
      },
      "vault-key": {
        title: "The key for training",
        holds: "The key that a yes to training is sealed to is the vault's own.",
      },
      enrolment: {
        title: "Who it is about",
        holds: "The browser signed on entering, with a key that nobody else had.",
      },
      answers: {
        title: "The answers",
        holds:
          "Each is signed with that same key and follows the one before; none in between is missing.",
      },
      records: {
        title: "What the log says",
        holds: "It says what was signed, in an order in which it can have happened.",
      },
      log: {
        title: "Which log",
        holds: "It is the log that this server vouches for.",
      },
      acknowledgements: {
        title: "Counter-signatures",
        holds: "The server has signed for every statement in this file, with its place in the log.",
      },
      heads: {
        title: "The state of the log",
        holds:
          "The log's own key has signed it, and all proofs in this file are of this one state.",
      },
      inclusion: {
        title: "Places in the log",
        holds:
          "Every entry is at its place in this state of the log. If one is changed or taken out later, this receipt shows it.",
      },
    },
    keys: {
      server: {
        given: "Its key is the one that you typed in.",
        remembered: "Its key is the one that this browser met when you joined.",
        ownWord: "Its key is the one that the file itself names. Compare it below.",
      },
      vault: {
        given: "Its key is the one that you typed in.",
        remembered: "Its key is the one that this browser met when you joined.",
        ownWord: "Its key is the one that the file itself names. Compare it below.",
      },
    },
    failures: {
      "not-a-receipt": "This is no receipt, or it is damaged or cut short.",
      "bad-document": "A part cannot be read as what it should be: damaged, or changed.",
      "other-key": "The key is another one than it should be.",
      "other-languages": "A language of the notice is missing, or there is one too many.",
      "other-words": "The words are not those that were agreed to: the text was changed.",
      "other-meeting": "It belongs to another meeting.",
      "bad-signature":
        "A signature does not fit: something was changed, or somebody else has signed.",
      "bad-statement": "A statement says what it must not, or is somebody else's.",
      "notice-not-in-force": "A statement is to words that were not in force in this meeting.",
      "stale-statement":
        "The answers do not follow one another: one is missing, or at a wrong place.",
      mismatch: "Two parts that belong together say different things.",
      "out-of-order": "Things stand in an order in which they cannot have happened.",
      missing: "Something that must be there is missing, or is there twice.",
      "other-log": "It is from another log than this server's.",
      "split-view":
        "The log has shown two different histories. This is proof against whoever keeps it.",
      "not-witnessed": "A witness that must have signed has not.",
      "not-in-log": "An entry is not in the log at the place where it should be.",
    } satisfies Record<FailureCode, string>,
    notMade: "Not looked at, because something that it needs does not hold.",
    holds: "Everything holds.",
    holdsWhat: "Against the keys that were known beforehand.",
    ownWord:
      "But the keys are those that the file itself names: compare them with what you know from elsewhere.",
    failed: "This does not hold.",
    failedWhat:
      "Something was changed, or is missing. Do not rely on anything in it, and show it to somebody whom you trust.",
    receiptTitle: "Your receipt",
    saveReceipt: "Download receipt",
    saveRecord: "Download consent record",
    saveWhy:
      "The receipt proves what you answered and to which words, without this server and for ever. Your key is not in it.",
    elsewhere: "Check any receipt",
    promises: "What Assent can and cannot promise",
    agreement: {
      title: "Held against what this browser has kept",
      comparing: "Comparing …",
      first: (size: number) =>
        `There was nothing to compare with: this is the first visit from this browser. From now on it keeps how the log stands (${size} ${size === 1 ? "entry" : "entries"}) and what the server has signed for you, and compares at each visit.`,
      same: (since: string, size: number) =>
        `It agrees with what this browser has kept since ${since}: the log has the same ${size} entries.`,
      grown: (since: string, from: number, size: number) =>
        `It agrees with what this browser has kept since ${since}: the log has grown from ${from} to ${size} entries, and those that there were are unchanged.`,
      acknowledged: (count: number) =>
        count === 1
          ? "The counter-signature that it has kept for you holds: what you signed is in the log, at the place that was signed."
          : `The ${count} counter-signatures that it has kept for you hold: what you signed is in the log, each at the place that was signed.`,
      notLookedAt: "The counter-signatures were not looked at, for there is no receipt that holds.",
      notCompared: {
        unreachable:
          "It was not compared with what this browser has kept: the server did not answer.",
        withheld:
          "It was not compared with what this browser has kept: the server does not show what that takes. This proves nothing; but a server that is in order shows it.",
      },
      disagrees: "This does NOT agree with what this browser has kept.",
      disagreesWhat:
        "What was there has been changed or taken out, or another log is shown. Save the evidence, and show it to somebody whom you trust.",
      codes: {
        otherLog:
          "The server keeps another log than it did: under another name, or with another key.",
        smaller: (from: number, size: number) =>
          `The log has become shorter: it had ${from} entries, and has ${size}.`,
        splitView: (size: number) =>
          `The log has ${size} entries as before, but they are not the same.`,
        notGrown: (from: number, size: number) =>
          `The log has ${size} entries, but the ${from} from before are not the first of them.`,
        notOlder: (from: number, size: number) =>
          `A state of ${size} entries is shown that the log with its ${from} entries has not grown from.`,
        missing: (what: string, signed: number) =>
          `${what} is not in it, though the server has signed for it, at place ${signed} in the log.`,
        otherIndex: (what: string, signed: number, now: number) =>
          `${what} stands at place ${now} in the log; the server had signed for place ${signed}.`,
      },
      enrolment: "What you signed on entering",
      numbered: (number: number) => `Your answer ${number}`,
      found: (when: string) => `Found on ${when}.`,
      save: "Save the evidence",
      saveWhat:
        "The file has what was signed then and what is shown now. Your key is not in it, nor your name; your answers are in it as digests.",
      notLasting: "This browser keeps nothing longer than the page is open.",
      forget: "Forget what was kept",
      forgetWhat:
        "This browser then forgets how the log stood, what the server has signed for you, and what did not agree. Nothing of it can be compared any more. Your key and your answers stay.",
      forgotten: "It is forgotten. The next visit begins anew.",
      inMeeting:
        "The log of this server does not agree with what this browser has kept. Your personal link shows what it is.",
    },
    verify: {
      title: "Check a receipt",
      lead: "Whether a receipt is genuine can be found out here by anybody. The file stays in your browser: nothing is sent.",
      choose: "Choose a receipt",
      drop: "Or drop the file here. Its name ends with .assent-receipt.json.",
      pins: "I know the keys from elsewhere",
      pinsHint:
        "Fingerprints that you have from somebody other than whoever gave you the file. Leave empty what you do not know.",
      badKey: "This is not a fingerprint: it needs 64 digits and letters from a to f.",
      unreadable: "The file cannot be read.",
    },
    story: "What it proves",
    storyHint: (log: string, size: number) => `From the log ${log}, as of ${size} entries.`,
    events: {
      notice: (version: number) => `Version ${version} of the notice was published.`,
      meeting: "The meeting was created.",
      enrolled: "The person was asked, and signed on entering.",
      admitted: "The person was let in.",
      answered: (number: number, recording: string, training: string) =>
        `Answer ${number}. Recording: ${recording}. Training data: ${training}.`,
      withdrawn: (number: number) => `What answer ${number} takes back was carried out.`,
      carriedOut: "What was taken back for the person was carried out.",
      revoked: {
        training: (by: string) => `${by} took back the person's yes to training, for them.`,
        recording: (by: string) =>
          `${by} took back the person's yes to recording and to training, for them.`,
        meeting: (by: string) => `${by} deleted the whole meeting.`,
      },
      host: "The key of the meeting says that the person is a host.",
      armed: "A host signed whether to record.",
      removed: "A host removed the person.",
      opened: (number: number) => `Stretch ${number} of the recording began.`,
      closed: (number: number) => `Stretch ${number} of the recording ended.`,
      ended: "The meeting ended.",
      released: (when: string) => `Everybody had said yes; released from ${when} on.`,
      lost: (seconds: number) =>
        `${seconds} seconds of the recording could not be opened, and were left out.`,
      exported: "The recording was exported as training data.",
      erased: "What was recorded of the person was deleted.",
      adopted:
        "The meeting's vault, or what it knew, was lost. Another one takes away since then what is to be taken away, and can never release the recording.",
      erasedAll: "The recording was deleted.",
      destroyed: "The meeting was destroyed.",
    },
  },
};

export type Catalogue = typeof en;
