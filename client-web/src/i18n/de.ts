// Deutsch.

import type { Catalogue, Length } from "./en";

function people(count: number): string {
  return count === 1 ? "1 Person" : `${count} Personen`;
}

function inWords({ hours, minutes, seconds }: Length): string {
  const parts = [
    hours > 0 && `${hours} Std.`,
    minutes > 0 && `${minutes} Min.`,
    (seconds > 0 || (hours === 0 && minutes === 0)) && `${seconds} Sek.`,
  ];
  return parts.filter(Boolean).join(" ");
}

export const de: Catalogue = {
  language: "Deutsch",

  common: {
    more: "Mehr zeigen",
    brand: "Assent",
    tagline: "Private Treffen. Aufgezeichnet nur so weit, wie alle zustimmen.",
    close: "Schließen",
    cancel: "Abbrechen",
    copy: "Kopieren",
    copied: "Kopiert",
    yes: "Ja",
    no: "Nein",
    loading: "Einen Moment…",
    again: "Noch einmal versuchen",
    you: "Sie",
    host: "Gastgeber",
    actors: {
      host: "Der Gastgeber",
      administrator: "Ein Verwalter",
      operator: "Der Betreiber des Servers",
    },
    languageChoice: "Sprache",
    licences: "Lizenzen",
    source: "Quelltext",
    runBy: (operator) => `Diesen Server betreibt ${operator}`,
    contact: (contact) => `Kontakt: ${contact}`,
    skip: "Zum Inhalt",
    people,
  },

  errors: {
    unreachable:
      "Der Server ist nicht erreichbar. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.",
    "not-kept":
      "Dieser Browser konnte Ihren Schlüssel nicht aufbewahren, daher sind Sie nicht beigetreten. Schaffen Sie Platz oder nehmen Sie einen anderen Browser, und versuchen Sie es erneut.",
    "not-understood":
      "Der Server hat etwas gesagt, das diese Seite nicht versteht. Laden Sie die Seite neu.",
    "already-enrolled":
      "Ihr Platz in diesem Treffen wurde mit einem anderen Schlüssel eingenommen.",
    "bad-origin":
      "Diese Seite wurde unter einer Adresse geöffnet, die der Server nicht als seine kennt.",
    "bad-request": "Etwas an der Eingabe ist nicht verwendbar.",
    "bad-sdp":
      "Ihr Browser und der Server konnten sich nicht einigen, wie Ton und Bild gesendet werden.",
    "bad-signature": "Eine Unterschrift stimmt nicht.",
    "bad-statement":
      "Der Server hat das Unterschriebene nicht angenommen. Prüfen Sie, ob die Uhr Ihres Geräts richtig geht.",
    "bad-token": "Dieser Link ist nicht oder nicht mehr gültig.",
    "database-unavailable":
      "Der Server erreicht seine Datenbank gerade nicht. Bitte versuchen Sie es noch einmal.",
    forbidden: "Das dürfen Sie nicht.",
    internal: "Beim Server ist etwas schiefgegangen. Dort ist es vermerkt.",
    "login-taken": "Diese Anmeldung benutzt schon jemand. Wählen Sie eine andere.",
    "media-unavailable":
      "Ton und Bild werden im Moment nicht übertragen. Sie kommen von selbst wieder.",
    "meeting-closed":
      "In dieses Treffen kann im Moment niemand hinein. Fragen Sie, wer Sie eingeladen hat.",
    "meeting-full": "Das Treffen ist voll.",
    "meeting-locked": "Der Gastgeber hat die Tür dieses Treffens geschlossen.",
    "meeting-not-found": "Ein solches Treffen gibt es nicht.",
    "meeting-over": "Dieses Treffen ist vorbei.",
    "method-not-allowed":
      "Diese Seite hat den Server auf eine Weise gefragt, die er nicht kennt. Laden Sie die Seite neu.",
    "not-admitted": "Das können nur die, die im Treffen sind.",
    "not-a-host": "Der Schlüssel dieses Treffens weist Sie nicht als Gastgeber aus.",
    "stale-act": "Ein anderer Gastgeber war schneller. Bitte sehen Sie noch einmal nach.",
    "too-many-acts": "In diesem Treffen wurde zu viel getan. Beenden lässt es sich weiterhin.",
    "not-enrolled": "Ihr Platz in diesem Treffen ist nicht mehr bekannt. Laden Sie die Seite neu.",
    "not-found": "Eine solche Seite gibt es nicht.",
    "not-recordable": "Dieses Treffen wurde so angelegt, dass es nie aufgezeichnet werden kann.",
    "not-signed-in": "Bitte melden Sie sich an.",
    "not-watching": "Die Aufzeichnung muss noch einmal geöffnet werden.",
    "log-unavailable":
      "Das Protokoll kann gerade nicht gezeigt werden. Bitte noch einmal versuchen.",
    "meeting-deleted":
      "Dieses Treffen wurde gelöscht, und mit ihm alles, was sagte, wer dabei war.",
    "receipt-erased":
      "Das Treffen wurde vernichtet, und mit ihm das, woraus seine Belege bestehen.",
    "export-settled":
      "Dafür ist es zu spät: Dieser Export wurde genehmigt, abgelehnt, zurückgenommen oder begonnen, oder er ist verfallen.",
    "own-export": "Einen Export genehmigt oder lehnt ab, wer ihn nicht selbst beauftragt hat.",
    "no-administrator-asks":
      "Wer diesen Export beauftragt hat, verwaltet diesen Server nicht mehr.",
    "too-many-exports":
      "Es warten schon zu viele Exporte. Erst müssen einige genehmigt, abgelehnt oder zurückgenommen werden.",
    "too-many-meetings": "Mehr Treffen, als in einen Datensatz gehen. Wählen Sie ihre Tage.",
    "nothing-to-export": "Kein Treffen ist bereit zum Exportieren.",
    "not-exported": "Zu diesem Export gibt es keinen Datensatz, der heruntergeladen werden könnte.",
    "downloads-off":
      "Datensätze werden hier nicht herausgegeben: Die Einstellung export_downloads ist 0.",
    "too-many-downloads":
      "Es warten oder laufen schon zu viele Downloads. Erst müssen einige enden.",
    "download-over": "Dieser Download ist zu Ende, oder über ihn wurde schon entschieden.",
    "not-dead": "Der Export dieses Treffens ist nicht gescheitert.",
    "bad-notice": "Diese Worte können nicht im Hinweis stehen.",
    "notice-unchanged": "Diese Worte gelten schon.",
    "notice-outdated":
      "Inzwischen wurde eine andere Fassung veröffentlicht. Sehen Sie sich die Vorschau Ihrer Fassung noch einmal an.",
    "notice-not-in-force":
      "Der Wortlaut hat sich geändert, seit Sie gefragt wurden. Laden Sie die Seite neu, um ihn zu sehen.",
    "rate-limited":
      "Zu viele Versuche. Warten Sie einen Moment und versuchen Sie es dann noch einmal.",
    removed: "Der Gastgeber hat Sie aus diesem Treffen entfernt.",
    replaced: "Sie sind an anderer Stelle beigetreten.",
    "stale-statement":
      "Sie haben inzwischen an anderer Stelle geantwortet. Was Sie jetzt sehen, ist Ihre letzte Antwort; bitte antworten Sie noch einmal.",
    "storage-unavailable": "Die Aufzeichnung kann jetzt nicht gespeichert werden.",
    "try-again":
      "Ihre Antwort konnte jetzt nicht gespeichert werden. Sie wird wieder gesendet, bis es gelingt.",
    "too-large": "Was gesendet wurde, ist zu groß.",
    "mode-not-offered": "Dieser Server kann Treffen dieser Art nicht abhalten.",
    "other-terms":
      "Die Bedingungen dieses Servers haben sich eben geändert. Versuchen Sie es noch einmal.",
    "vault-unavailable":
      "Der Tresor, der die Schlüssel verwahrt, ist noch nicht bereit. Versuchen Sie es gleich noch einmal.",
    "weak-password": "Ein Passwort braucht mindestens 12 Zeichen.",
    "wrong-credentials": "Anmeldung oder Passwort ist falsch.",
  },

  broken: {
    title: "Etwas ist schiefgegangen",
    body: "Diese Seite ist auf ein unerwartetes Problem gestoßen. Was Sie geantwortet haben, ist nicht verloren.",
    reload: "Neu laden",
  },

  notFound: {
    title: "Hier ist nichts",
    body: "Vielleicht ist die Adresse unvollständig. Prüfen Sie den Link, den Sie bekommen haben.",
    start: "Zur Startseite",
  },

  links: {
    "cut-off":
      "Dieser Link wurde unterwegs abgeschnitten: Sein Ende fehlt. Bitten Sie um den ganzen Link oder kopieren Sie ihn noch einmal.",
    altered:
      "An diesem Link wurde etwas hinzugefügt oder verändert, daher ist nicht klar, welcher Link es war. Kopieren Sie ihn noch einmal, vom Anfang bis zum Ende.",
    sent: "Das # in diesem Link wurde unterwegs ersetzt, daher musste Ihr Browser Ihren Schlüssel mit der Adresse an den Server senden. Assent verwendet und protokolliert ihn dort nicht, ein vorgeschalteter Proxy könnte es aber getan haben. Verwenden Sie von nun an den Link auf dieser Seite.",
  },

  unsupported: {
    webrtc:
      "Dieser Browser hat kein WebRTC, das für Ton und Bild nötig ist. Nehmen Sie einen aktuellen Chrome, Edge, Firefox oder Safari.",
    insecure:
      "Browser geben Kamera, Mikrofon und Schlüssel nur Seiten, die mit https:// (oder auf localhost) geöffnet wurden. Fragen Sie den Betreiber dieses Servers nach seiner https-Adresse.",
    sending: {
      "passed-by":
        "Dieser Browser hat nicht verschlüsselt, was er senden sollte. Deshalb wird von hier nichts mehr gesendet: weder Ton noch Bild. Nehmen Sie einen anderen Browser oder eine neuere Version von diesem.",
      uncounted:
        "Dieser Browser sagt nicht, was er sendet, sodass niemand sehen kann, ob es verschlüsselt ist. Von hier wird nichts mehr gesendet: weder Ton noch Bild. Nehmen Sie einen anderen Browser.",
      failed:
        "Was hier gesendet wird, ließ sich nicht mehr verschlüsseln und wird nicht mehr gesendet. Laden Sie die Seite neu, um wieder zu senden.",
    },
  },

  signIn: {
    title: "Anmelden",
    intro:
      "Hier melden sich Gastgeber und Verwalter an. Gäste brauchen kein Konto: Sie öffnen den Link ihres Treffens.",
    login: "Anmeldung",
    password: "Passwort",
    submit: "Anmelden",
    signOut: "Abmelden",
  },

  invitation: {
    title: "Konto anlegen",
    forHost: "Sie wurden eingeladen, auf diesem Server Gastgeber zu sein.",
    forAdministrator: "Sie wurden eingeladen, diesen Server zu verwalten.",
    until: (when) => `Die Einladung gilt einmal, bis ${when}.`,
    name: "Ihr Name",
    login: "Anmeldung",
    loginHint: "Zum Beispiel Ihre E-Mail-Adresse. Ohne Leerzeichen.",
    password: "Passwort",
    passwordHint: "Mindestens 12 Zeichen. Ein paar zufällige Wörter lassen sich gut merken.",
    submit: "Konto anlegen",
    invalid:
      "Diese Einladung wurde schon benutzt, ist abgelaufen oder unvollständig. Bitten Sie um eine neue.",
  },

  password: {
    weak: {
      short: "Ein Passwort braucht mindestens 12 Zeichen.",
      common:
        "Dieses Passwort gehört zu denen, die zuerst ausprobiert werden, oder besteht aus häufigen Wörtern, Tasten oder Zahlen in einer Reihe. Ein paar zufällige Wörter sind besser.",
      personal:
        "Dieses Passwort besteht aus Ihrem Anmeldenamen, Ihrem Namen oder dem Namen dieses Servers. Das würden andere zuerst ausprobieren.",
    },
    title: "Neues Passwort setzen",
    of: "Hier wird das Passwort gesetzt von",
    until: (when) => `Der Link gilt einmal, bis ${when}.`,
    password: "Neues Passwort",
    submit: "Passwort setzen",
    invalid:
      "Dieser Link wurde schon benutzt, ist abgelaufen oder unvollständig. Bitten Sie um einen neuen.",
  },

  start: {
    title: "Treffen",
    newMeeting: "Neues Treffen",
    name: "Name des Treffens",
    recording: "Aufzeichnung",
    recordingOffered: "Die Teilnehmenden können um Zustimmung zu einer Aufzeichnung gebeten werden",
    recordingNever: "Dieses Treffen kann nie aufgezeichnet werden",
    training: "Trainingsdaten",
    trainingOffered:
      "Sie können auch gebeten werden, die Aufzeichnung als Trainingsdaten freizugeben",
    trainingNever: "Die Aufzeichnung kann nie zu Trainingsdaten werden",
    fixed: "Was jetzt nicht angeboten wird, kann für dieses Treffen nie eingeschaltet werden.",
    waitingRoom: "Warteraum: Ich lasse jede Person einzeln ein",
    lifetime: "Der Link gilt",
    hours: (hours) => (hours === 1 ? "1 Stunde" : `${hours} Stunden`),
    days: (days) => (days === 1 ? "1 Tag" : `${days} Tage`),
    create: "Treffen anlegen",
    created: "Ihr Treffen ist bereit",
    link: "Einladungslink",
    linkHint: "Wer diesen Link hat, kann beitreten. Schicken Sie ihn nur denen, die Sie einladen.",
    copyLink: "Link kopieren",
    calendar: "Kalenderdatei",
    open: "Treffen öffnen",
    mine: "Meine Treffen",
    none: "Sie haben noch keine Treffen.",
    newLink: "Neuer Link",
    newLinkConfirm:
      "Einen neuen Link erstellen? Der alte gilt sofort nicht mehr, auch für alle, die ihn schon haben und noch nicht gekommen sind. Wer im Treffen ist, bleibt.",
    linkElsewhere:
      "Dieses Treffen wurde in einem anderen Browser angelegt, oder sein Link ist hier nicht mehr gespeichert. Der Server hat den Link nicht; darum kann er hier nicht gezeigt werden.",
    newLinkExplained: "Der alte Link gilt dann nicht mehr. Wer im Treffen ist, bleibt.",
    end: "Treffen beenden",
    endConfirm: (title) => `„${title}“ für alle beenden? Es kann nicht wieder begonnen werden.`,
    state: {
      planned: "Nicht begonnen",
      running: "Läuft",
      ended: "Vorbei",
      expired: "Link abgelaufen",
    },
    offered: {
      none: "Wird nie aufgezeichnet",
      recording: "Aufzeichnung kann gefragt werden",
      training: "Aufzeichnung und Training können gefragt werden",
    },
    since: (when) => `seit ${when}`,
    until: (when) => `bis ${when}`,
    endedAt: (when) => `beendet ${when}`,
    console: "Verwaltung",
    signedInAs: (name) => `Angemeldet als ${name}`,
  },

  door: {
    entering: "Die Tür geht auf…",
    incompleteLink:
      "Dieser Link ist unvollständig: Der Teil nach # fehlt. Bitten Sie den Gastgeber um den ganzen Link.",
    otherRoom:
      "Dieser Link führt in einen anderen Raum, als der Server zeigt. Treten Sie nicht bei; bitten Sie den Gastgeber noch einmal um den Link und sagen Sie es ihm.",
    widerCharter:
      "Der Server will in diesem Treffen mehr tun, als der Link erlaubt. Treten Sie nicht bei; sagen Sie es dem Gastgeber.",
    untrue:
      "Was der Server über dieses Treffen sagt, passt nicht zusammen. Treten Sie nicht bei; sagen Sie es dem Gastgeber.",
    noEntrance: "Sie können diesem Treffen nicht beitreten",
    preview: "Sie, wie andere Sie sehen würden",
    staysHere: "Das sehen nur Sie. Bevor Sie beitreten, wird nichts gesendet.",
    level: "Mikrofonpegel",
    devices: "Geräte",
    microphone: "Mikrofon",
    camera: "Kamera",
    systemDefault: "Standard",
    testSound: "Ton abspielen",
    cleanSound: "Rauschen und Echo entfernen",
    name: "Ihr Name",
    nameHint: "Die anderen im Treffen sehen ihn.",
    nameMissing: "Bitte geben Sie Ihren Namen ein.",
    questions: "Bevor Sie beitreten",
    questionsIntro:
      "Sie können beitreten, ohne zu antworten. Was immer Sie antworten, am Treffen ändert es für Sie nichts.",
    never:
      "Dieses Treffen wurde so angelegt, dass es nie aufgezeichnet werden kann. Es gibt nichts, dem Sie zustimmen müssten.",
    notice: "Den ganzen Hinweis lesen",
    noticeTitle: "Der ganze Hinweis",
    noticeOtherLanguage: (language) =>
      `Diesen Hinweis gibt es nicht in Ihrer Sprache. Er steht hier auf ${language}.`,
    change: "Sie können das jederzeit ändern.",
    join: "Beitreten",
    ask: "Um Einlass bitten",
    returnTo: "Zurück ins Treffen",
    joining: "Sie treten bei…",
    waiting: "Sie haben um Einlass gebeten. Der Gastgeber sieht es.",
    waitingTitle: "Warten auf den Gastgeber",
    giveUp: "Verlassen",
    welcomeBack: (name) =>
      `Willkommen zurück, ${name}. Man kennt Sie hier: Name und Antworten sind noch da.`,
    mute: "Stumm schalten",
    unmute: "Mikrofon einschalten",
    cameraOn: "Kamera einschalten",
    cameraOff: "Kamera ausschalten",
    cameraIsOff: "Ihre Kamera ist aus",
  },

  devices: {
    microphone: {
      refused:
        "Ihr Browser erlaubt das Mikrofon nicht. Erlauben Sie es neben der Adresszeile und versuchen Sie es noch einmal. Ohne es können Sie zuhören.",
      "in-use":
        "Ein anderes Programm benutzt Ihr Mikrofon. Schließen Sie es und versuchen Sie es noch einmal.",
      none: "Es wurde kein Mikrofon gefunden. Sie können dabei sein und zuhören.",
      gone: "Ihr Mikrofon wurde abgesteckt.",
      insecure: "Browser geben das Mikrofon nur https-Seiten. Ohne es können Sie zuhören.",
      other: "Ihr Mikrofon ließ sich nicht starten.",
    },
    camera: {
      refused:
        "Ihr Browser erlaubt die Kamera nicht. Erlauben Sie sie neben der Adresszeile und versuchen Sie es noch einmal. Sie können auch ohne dabei sein.",
      "in-use":
        "Ein anderes Programm benutzt Ihre Kamera. Schließen Sie es und versuchen Sie es noch einmal.",
      none: "Es wurde keine Kamera gefunden. Sie können ohne dabei sein.",
      gone: "Ihre Kamera wurde abgesteckt.",
      insecure: "Browser geben die Kamera nur https-Seiten. Sie können ohne dabei sein.",
      other: "Ihre Kamera ließ sich nicht starten.",
    },
  },

  deviceNotes: {
    microphone: {
      silenced:
        "Ihr Mikrofon gibt keinen Ton: Ihr System, ein Schalter daran oder am Headset hat es stummgeschaltet. Die anderen sehen Sie als stumm. Schalten Sie es dort wieder ein.",
      theirs: (name: string) =>
        `Von ${name} ist nichts zu hören: Das System oder ein Schalter am Gerät hat das Mikrofon stummgeschaltet. Sagen Sie es der Person, zum Beispiel mit einem Zeichen.`,
      "not-there":
        "Das zuletzt gewählte Mikrofon ist nicht angeschlossen. Ein anderes wird benutzt.",
      "not-changed":
        "Das gewählte Mikrofon lässt sich jetzt nicht benutzen. Das vorige wird weiter benutzt.",
    },
    camera: {
      silenced:
        "Ihre Kamera gibt kein Bild: Ihr System, eine Blende oder ein Schalter daran hält es zurück. Die anderen sehen kein Bild. Öffnen Sie sie dort.",
      theirs: (name: string) =>
        `Die Kamera von ${name} gibt kein Bild: Das System, eine Blende oder ein Schalter daran hält es zurück. Sagen Sie es der Person.`,
      "not-there": "Die zuletzt gewählte Kamera ist nicht angeschlossen. Eine andere wird benutzt.",
      "not-changed":
        "Die gewählte Kamera lässt sich jetzt nicht benutzen. Die vorige wird weiter benutzt.",
    },
    speaker: {
      label: "Lautsprecher",
      missed:
        "Der gewählte Lautsprecher ist nicht da oder lässt sich jetzt nicht benutzen. Der Ton kommt aus einem anderen.",
    },
  },

  consent: {
    recording: {
      question: "Darf dieses Treffen aufgezeichnet werden, solange Sie dabei sind?",
      short: "Aufzeichnung",
      yes: "Aufgezeichnet wird, solange alle Anwesenden Ja gesagt haben. Wer dabei war, kann es später ansehen.",
      no: "Solange Sie im Treffen sind, wird nichts aufgezeichnet.",
    },
    training: {
      question: "Darf die Aufzeichnung zu Trainingsdaten für maschinelles Lernen werden?",
      short: "Trainingsdaten",
      yes: "Ihr Browser gibt Ihren Schlüssel her. Freigegeben werden kann die Aufzeichnung erst, wenn alle, die je im Treffen waren, ihren hergegeben haben.",
      no: "Die Aufzeichnung kann nie für Training geöffnet werden.",
      later:
        "Sie können diese Frage auch später beantworten, wenn Sie die Aufzeichnung gesehen haben.",
      needsRecording:
        "Ein Ja zum Training braucht auch ein Ja zur Aufzeichnung. Beantworten Sie die erste Frage mit Ja, wenn Sie das wollen.",
      noKey:
        "Der Tresor hat jetzt keinen Schlüssel für dieses Treffen, darum ist kein Ja möglich. Entweder wird er noch gemacht, oder jemand hat sein Ja zurückgenommen und er wurde vernichtet.",
    },
    clear: "Meine Antwort löschen",
    othersHidden:
      "Den anderen wird nicht gesagt, wer Nein gesagt hat. In einem kleinen Treffen können sie vielleicht darauf schließen.",
    othersShown: "Dieser Server zeigt den anderen im Treffen, wer zugestimmt hat.",
    will: { unanswered: "Nicht beantwortet", yes: "Ja", no: "Nein", withdrawn: "Zurückgenommen" },
    counts: "Gilt als Nein.",
    send: "Meine Antworten senden",
    sending: "Wird gesendet…",
    notTaken: "Noch nicht angenommen.",
    notTakenWhat:
      "Der Server konnte dies nicht speichern. Es wird wieder gesendet, bis er es angenommen hat. Lassen Sie diese Seite offen, oder kommen Sie in diesem Browser auf sie zurück.",
    sent: "Ihre Antworten wurden gesendet.",
    withdrawRecording: "Mein Ja zur Aufzeichnung zurücknehmen",
    withdrawTraining: "Mein Ja zum Training zurücknehmen",
    againRecording: "Wieder Ja zur Aufzeichnung sagen",
    withdrawnTraining:
      "Sie haben Ihr Ja zurückgenommen. Der Schlüssel ist vernichtet; für dieses Treffen kann das nicht noch einmal beantwortet werden.",
    withdrawnRecording:
      "Sie haben Ihr Ja zurückgenommen. Was von Ihnen aufgezeichnet wurde, wird gelöscht.",
    confirmTitle: "Ihr Ja zurücknehmen?",
    confirmRecording:
      "Die Aufzeichnung hält sofort an, und was von Ihnen aufgezeichnet wurde, wird gelöscht. Die Aufzeichnung der anderen bleibt bei ihnen.",
    confirmTraining:
      "Von diesem Treffen wird nichts als Trainingsdaten freigegeben. Der Schlüssel dafür wird endgültig vernichtet.",
    cannotUndo:
      "Was das nicht rückgängig machen kann: Aufzeichnungen, die schon exportiert wurden, Programme, die schon daraus gelernt haben, und Kopien, die jemand gemacht hat, als das Ansehen erlaubt war.",
    confirm: "Zurücknehmen",
    keep: "Meine Antwort behalten",
    onlyWithRecording: "Damit nehmen Sie auch Ihr Ja zum Training zurück.",
    nothingOffered: "In diesem Treffen wird nichts gefragt: Es kann nie aufgezeichnet werden.",
    trainingNotOffered: "Training wird in diesem Treffen nicht gefragt, auch später nicht.",
  },

  receiptLink: {
    title: "Ihr persönlicher Link",
    label: "Persönlicher Link",
    why: "Bewahren Sie diesen Link auf. Mit ihm können Sie ohne Konto Ihre Antworten sehen, ändern oder zurücknehmen und später dem Training zustimmen. Er ist ein Schlüssel: Niemand sonst sollte ihn haben.",
    lost: "Wenn Sie ihn verlieren und dieser Browser das Treffen vergisst, können Sie nichts davon mehr selbst tun. Der Server hat ihn nicht.",
    copy: "Persönlichen Link kopieren",
    banner:
      "Bewahren Sie Ihren persönlichen Link auf: Mit ihm können Sie Ihre Antworten später ohne Konto sehen, ändern und zurücknehmen. Er ist ein Schlüssel, nur für Sie.",
    notKept:
      "Dieser Browser bewahrt nichts auf: Wird diese Seite geschlossen, ist Ihr Schlüssel weg. Kopieren Sie vorher den Link.",
    bannerCopy: "Meinen Link kopieren",
    bannerDone: "Fertig",
    open: "Meine Quittung öffnen",
  },

  meeting: {
    main: "Treffen",
    controls: "Bedienung",
    messages: "Mitteilungen",
    capture: {
      off: "Keine Aufzeichnung",
      paused: "Angehalten: Nicht alle haben zugestimmt",
      recording: "Aufzeichnung läuft",
      unknown: "Nicht bekannt: Verbindung wird aufgebaut",
    },
    never: "Wird nie aufgezeichnet",
    agreed: (agreed, present) => `${agreed} von ${present} haben zugestimmt`,
    allAgreed: "alle haben zugestimmt",
    notAllAgreed: "nicht alle haben zugestimmt",
    stateButton: (state, count) => `${state} · ${count}`,
    mute: "Stumm schalten",
    unmute: "Mikrofon einschalten",
    cameraOn: "Kamera einschalten",
    cameraOff: "Kamera ausschalten",
    share: "Bildschirm teilen",
    stopSharing: "Nicht mehr teilen",
    peopleButton: (count) => `Personen (${count})`,
    answers: "Meine Antworten",
    leave: "Verlassen",
    startRecording: "Aufzeichnung starten",
    stopRecording: "Aufzeichnung beenden",
    startHint: "Aufgezeichnet wird nur, solange alle zugestimmt haben.",
    shortcuts: "Tastenkürzel",
    useShortcuts: "Einzelne Tasten als Kürzel benutzen",
    shortcutList: {
      M: "Stumm schalten oder Mikrofon einschalten",
      V: "Kamera ein oder aus",
      P: "Personen",
      A: "Meine Antworten",
      D: "Geräte",
      "?": "Diese Liste",
    },
    tile: (name) => name,
    yourTile: (name) => `${name} (Sie)`,
    screenOf: (name) => `Bildschirm von ${name}`,
    muted: "Stumm",
    notBrought: "Nicht durch die Einladung gekommen",
    mutedBySystem: "Vom System stummgeschaltet",
    darkenedBySystem: "Bild vom System zurückgehalten",
    away: "Verbindung verloren",
    empty: "Sie sind allein hier.",
    emptyHint: "Die anderen erscheinen hier, sobald sie beitreten.",
    soundBlocked: "Ihr Browser hält diese Seite stumm, bis Sie klicken.",
    soundOn: "Ton einschalten",
    reconnecting: "Verbindung verloren. Sie wird wieder aufgebaut…",
    weakConnection:
      "Ihre Verbindung ist schwach. Der Ton geht vor; Bilder können kleiner werden oder aussetzen.",
    mediaTrouble:
      "Ton und Bild werden neu verbunden… Wenn das so bleibt, lässt Ihr Netz sie vielleicht nicht durch.",
    noRoom:
      "Die Platte des Servers ist fast voll. Es wird nichts aufgezeichnet, damit Platz bleibt für das, was Menschen sagen und zurücknehmen.",
    storageTrouble:
      "Die Aufzeichnung kann nicht gespeichert werden. Darum wird nichts aufgezeichnet.",
    overloaded:
      "Der Server kam mit dem Aufzeichnen nicht nach. Es wird nichts aufgezeichnet; es beginnt von selbst wieder.",
    unsigned: {
      title: "Von keinem Gastgeber unterschrieben",
      armed:
        "Der Server sagt, dass dieses Treffen aufgezeichnet wird oder werden kann. Kein Gastgeber hat das unterschrieben.",
      untrue:
        "Der Server zeigt etwas im Namen eines Gastgebers, das kein Gastgeber unterschrieben hat.",
      silenced:
        "Ihr Mikrofon, Ihre Kamera und Ihr Bildschirm wurden abgeschaltet. Was Sie wieder einschalten, wird vielleicht aufgezeichnet.",
    },
    disputed: (count) =>
      `${count === 1 ? "Der Browser einer Person meldet" : `Die Browser von ${count} Personen melden`}, dass diese Aufzeichnung nicht dem entspricht, was dort gezeigt wurde. Fragen Sie nach, was in der Warnung steht.`,
    answerRefused:
      "Ihre Antwort konnte nicht gesendet werden und gilt darum als nicht gegeben. Öffnen Sie „Meine Antworten“ und antworten Sie noch einmal.",
    asked: "Der Gastgeber fragt alle noch einmal, ob das Treffen aufgezeichnet werden darf.",
    askedOpen: "Antworten",
    notNow: "Nicht jetzt",
    ghostTitle: "Vorsicht: Diese Aufzeichnung ist nicht, was Ihnen gezeigt wurde",
    ghostWhat:
      "Die Aufzeichnung, die eben begonnen hat, kann von jemandem oder mit Schlüsseln geöffnet werden, die Ihnen nicht gezeigt wurden. Sagen Sie es den anderen. Sie können Ihr Ja zurücknehmen oder das Treffen verlassen.",
    ghost: {
      "bad-document": "Die Liste des Servers, für wen aufgezeichnet wird, ist nicht lesbar.",
      "other-meeting":
        "Sie wurde für ein anderes Treffen, einen anderen Hinweis oder einen anderen Tresor vorbereitet.",
      "broken-chain": "Sie schließt nicht an den Abschnitt davor an.",
      stranger: "Jemand, der Ihnen nicht gezeigt wurde, kann sie öffnen.",
      missing: "Jemand, der hier ist, steht nicht auf ihrer Liste.",
      "wrong-keys": "Sie nennt andere Schlüssel als die, mit denen die Anwesenden gekommen sind.",
    },
    checked: (count) =>
      `Von Ihrem Browser geprüft: ${people(count)} ${count === 1 ? "kann" : "können"} diesen Abschnitt ansehen, und alle wurden Ihnen gezeigt.`,
    announce: {
      "recording-started": "Die Aufzeichnung hat begonnen.",
      "recording-paused": "Die Aufzeichnung ist angehalten: Nicht alle haben zugestimmt.",
      "recording-stopped": "Die Aufzeichnung ist beendet.",
      joined: (name) => `${name} ist beigetreten.`,
      left: (name) => `${name} ist gegangen.`,
      waiting: (name) => `${name} bittet um Einlass.`,
      muted: "Ihr Mikrofon ist stumm.",
      unmuted: "Ihr Mikrofon ist an.",
    },
  },

  device: {
    title: "Andere Kamera nutzen",
    what: "Eine Kamera, ein Encoder wie OBS oder eine Raumanlage kann als Sie teilnehmen: Sie sendet ihr Bild und ihren Ton neben den Ihren oder zeigt die anderen auf einem Bildschirm.",
    covered:
      "Für alle anderen sind das Sie. Was Sie zu Aufzeichnung und Training geantwortet haben, gilt auch dafür, und es endet, wenn Sie gehen.",
    draw: "Adresse und Token anzeigen",
    drawAgain: "Neues Token erstellen",
    again: "Ein neues Token beendet das vorige und das Gerät, das es nutzt.",
    drawn: "Adresse und Token werden angezeigt.",
    end: "Gerät beenden",
    endConfirm:
      "Das Gerät beenden? Es sendet und zeigt sofort nichts mehr. Um es wieder zu nutzen, braucht es ein neues Token.",
    ended: "Das Gerät ist beendet.",
    access: "Was das Gerät braucht",
    whip: "Adresse zum Senden (WHIP)",
    copyWhip: "Adresse zum Senden kopieren",
    token: "Token (Bearer-Token)",
    copyToken: "Token kopieren",
    secret: (until: string) =>
      `Wer das Token hat, ist in diesem Treffen Sie: Geben Sie es niemandem. Es wird nur hier und nur jetzt gezeigt und gilt bis ${until}.`,
    whep: "Adresse zum Ansehen (WHEP)",
    copyWhep: "Adresse zum Ansehen kopieren",
    whepHint: "Mit demselben Token, für einen Bildschirm, der die anderen zeigt.",
    elsewhere:
      "Ein Token wurde erstellt, bevor diese Seite geöffnet war. Es wird nicht noch einmal gezeigt; erstellen Sie bei Bedarf ein neues.",
    state: "Ihr Gerät",
    awaited: "Noch hat sich kein Gerät verbunden.",
    does: {
      whip: "Ein Gerät ist verbunden und sendet als Sie.",
      whep: "Ein Gerät ist verbunden und zeigt die anderen.",
    },
  },

  people: {
    title: "Personen",
    recorder: "Aufzeichner",
    recorderExplained: "Speichert dieses Treffen verschlüsselt, solange alle zustimmen.",
    notBrought:
      "Nicht durch Ihren Einladungslink gekommen: hinter diesem Namen kann jeder stecken.",
    nameless: "Der Name, den der Server nennt, ist nicht der, den diese Person unterschrieben hat.",
    withoutLink:
      "Dieser Browser hat den Einladungslink dieses Treffens nicht. Darum kann er nicht sagen, wer durch ihn gekommen ist, und anderen wird gesagt, dass Sie nicht durch ihn gekommen sind.",
    absentHost: "Ist nicht hier und kann trotzdem ansehen, was aufgezeichnet wird.",
    agreed: "Hat der Aufzeichnung zugestimmt",
    notAgreed: "Hat nicht zugestimmt",
    waiting: "Bitten um Einlass",
    doubts: {
      removed: "Ein Gastgeber hat diese Person entfernt. Der Server zeigt sie trotzdem.",
      "not-certified":
        "Gastgeber nur nach Angabe des Servers: Der Schlüssel dieses Treffens sagt es nicht.",
      "not-admitted": "Kein Gastgeber hat unterschrieben, dass diese Person eingelassen wurde.",
    },
    certify: (name) => `${name} als Gastgeber bestätigen`,
    certifyShort: "Als Gastgeber bestätigen",
    uncertified:
      "Sie sind nur nach Angabe des Servers Gastgeber: Der Schlüssel dieses Treffens ist in dem Browser, in dem es angelegt wurde. Hier können Sie die Aufzeichnung anhalten, Wartende abweisen, die Tür schließen und das Treffen beenden. Um aufzuzeichnen, einzulassen oder zu entfernen, nehmen Sie jenen Browser, oder lassen Sie sich von dort bestätigen.",
    admit: (name) => `Einlassen: ${name}`,
    deny: (name) => `Abweisen: ${name}`,
    admitShort: "Einlassen",
    denyShort: "Abweisen",
    remove: (name) => `Entfernen: ${name}`,
    removeConfirm: (name) =>
      `${name} aus diesem Treffen entfernen? Die Person ist sofort draußen. Der Link in ihrer Hand gilt weiter, darum lassen Sie von jetzt an alle ein, die neu dazukommen.`,
    removeShort: "Entfernen",
    hostTitle: "Für den Gastgeber",
    lock: "Treffen abschließen",
    unlock: "Treffen aufschließen",
    locked: "Abgeschlossen: Niemand kann neu beitreten.",
    askAgain: "Alle noch einmal fragen",
    askAgainHint:
      "Geht an alle gleich. Wer nicht zugestimmt hat, wird Ihnen nicht gezeigt; in einem kleinen Treffen können Sie vielleicht darauf schließen.",
    askedDone: "Alle wurden gefragt.",
    endForAll: "Treffen für alle beenden",
    endConfirm: "Das Treffen für alle beenden? Es kann nicht wieder begonnen werden.",
    copyLink: "Einladungslink kopieren",
  },

  left: {
    titles: {
      left: "Sie haben das Treffen verlassen",
      removed: "Der Gastgeber hat Sie aus diesem Treffen entfernt",
      denied: "Der Gastgeber hat Sie nicht eingelassen",
      ended: "Das Treffen ist vorbei",
      expired: "Die Zeit des Treffens ist vorbei",
      replaced: "Sie sind in einem anderen Fenster beigetreten",
      restarting: "Der Server startet neu",
      crowded: "Zu viele wollen hinein",
    },
    refused: "Sie sind nicht mehr im Treffen",
    again: "Wieder beitreten",
    askAgain: "Noch einmal fragen",
    here: "Stattdessen dieses Fenster benutzen",
    asNew: "Meinen Platz hier vergessen",
    asNewConfirm:
      "Den Platz hier vergessen und einen neuen nehmen? Sie kommen als neue Person herein, und die Antworten der früheren kann niemand noch einmal geben. Ihr Schlüssel bleibt in diesem Browser, und ihr persönlicher Link gilt weiter.",
    asNewExplained:
      "Der Server kennt den Platz dieses Browsers im Treffen nicht mehr. Bewahren Sie Ihren persönlichen Link auf, falls es einen gibt; vergessen Sie dann den Platz hier und öffnen Sie den Einladungslink noch einmal.",
  },

  receipt: {
    title: "Ihre Quittung",
    of: (title) => `für „${title}“`,
    incomplete:
      "Dieser Link ist unvollständig, und dieser Browser kennt das Treffen nicht. Öffnen Sie den ganzen persönlichen Link.",
    invalid:
      "Der Schlüssel in diesem Link ist nicht lesbar. Prüfen Sie, ob der Link vollständig ist.",
    unknown: "Der Server hat nichts von dem, der diesen Link hat.",
    untrue:
      "Was der Server hat, passt nicht zum Schlüssel dieses Links. Es wurde verändert oder gehört jemand anderem. Trauen Sie ihm nicht.",
    checking: "Unterschriften werden geprüft…",
    checked: "Eben in Ihrem Browser geprüft",
    checkedWhat: (answers) =>
      answers === 0
        ? "Ihre Anmeldung ist mit Ihrem Schlüssel unterschrieben. Sie haben noch nichts geantwortet."
        : `Ihre Anmeldung und ${answers === 1 ? "Ihre Antwort" : `alle ${answers} Antworten`} sind mit Ihrem Schlüssel unterschrieben, und dazwischen fehlt keine.`,
    meeting: "Das Treffen",
    started: (when) => `Begonnen ${when}`,
    ended: (when) => `Beendet ${when}`,
    notStarted: "Hat nicht begonnen",
    running: "Läuft noch",
    stretches: (count) =>
      count === 0
        ? "Es wurde nichts aufgezeichnet."
        : count === 1
          ? "1 Abschnitt wurde aufgezeichnet."
          : `${count} Abschnitte wurden aufgezeichnet.`,
    now: "Meine Antworten jetzt",
    formerKeys: "Weitere Schlüssel von Ihnen",
    formerKeysWhat:
      "Sie sind von diesem Browser aus mehr als einmal in dieses Treffen gekommen. Jedes Mal hat eigene Antworten; öffnen Sie sie, um sie zu sehen und zu ändern.",
    history: "Was ich wann geantwortet habe",
    none: "Sie haben noch nichts geantwortet.",
    when: "Wann",
    words: "Wortlaut",
    readWords: (language) => `Wortlaut lesen (${language})`,
    wordsTitle: "Der Wortlaut, an den diese Antwort gebunden ist",
    released: "Trainingsdaten: Was mit der Aufzeichnung geschieht",
    release: {
      none: "Es wird nichts freigegeben. Die Aufzeichnung bleibt verschlüsselt.",
      cooling: (when) =>
        `Alle haben Ja gesagt. Freigegeben wird sie ${when}. Bis sie exportiert ist, können Sie Ihr Ja noch zurücknehmen.`,
      ready:
        "Alle haben Ja gesagt. Die Aufzeichnung ist bereit zum Exportieren. Sie können Ihr Ja noch zurücknehmen.",
      claimed: "Die Aufzeichnung wird gerade exportiert.",
      exported:
        "Die Aufzeichnung wurde als Trainingsdaten exportiert. Zurücknehmen kann das nicht rückgängig machen. Es hält sie aus jedem weiteren Datensatz heraus.",
      dropped: "Die Freigabe wurde aufgehalten. Davon wird nichts exportiert.",
    },
    dataSet: {
      title: "In einem Datensatz herausgegeben",
      givenTo: (recipient: string, purpose: string) => `Gegeben an ${recipient}, für ${purpose}.`,
      before:
        "An wen er gegeben wurde und wofür, steht nirgends: Er wurde exportiert, bevor das festgehalten wurde.",
      nobodySaid: "Wer ihn exportieren ließ, hat nicht gesagt, an wen er geht oder wofür.",
      fromLog: "Das sagt das Protokoll. Es wurde hier geprüft, mit Ihrem Nachweis.",
      fromServer: "Bisher sagt das nur der Server. Am Protokoll geprüft ist es nicht.",
      differs:
        "Der Server sagt über diesen Datensatz etwas anderes als das Protokoll. Hier steht, was das Protokoll sagt.",
      recall: "Zurückgerufen",
      recalled: (when: string) =>
        `Zurückgerufen am ${when}: Wer den Datensatz hat, soll dieses Treffen daraus entfernen.`,
      reasons: {
        withdrawn: "Jemand hat sein Ja zurückgenommen.",
        revoked: "Es wurde für jemanden zurückgenommen.",
        deleted: "Das Treffen wurde gelöscht.",
      },
      recallSigned:
        "Der Tresor hat diesen Rückruf unterschrieben. Die Unterschrift wurde hier geprüft.",
      recallUntrue:
        "Der Server zeigt einen Rückruf dieses Treffens, den dessen Tresor nicht unterschrieben hat. Er beweist nichts.",
      recallAwaited:
        "Nach dem Export wurde etwas zurückgenommen. Ein Rückruf ist noch nicht veröffentlicht.",
      fetched: (first: string, last: string) =>
        `Das sagt nur der Server: Der Rückruf wurde zuerst am ${first} abgeholt und zuletzt etwa am ${last}. Von wem, hebt er nicht auf. Dass er abgeholt wurde, zeigt nicht, dass etwas entfernt wurde.`,
      notFetched: "Das sagt nur der Server: Den Rückruf hat noch niemand abgeholt.",
    },
    notOffered: "Training wurde in diesem Treffen nicht angeboten, auch später nicht.",
    proof: "Nachweis",
    person: "Ihre Kennung in diesem Treffen",
    vault: "Fingerabdruck des Tresors",
    server: "Fingerabdruck des Servers",
    charter: "Prüfsumme dessen, was gefragt werden durfte",
    build: "Prüfsumme des Programms, das Sie gefragt hat",
  },

  watching: {
    title: "Die Aufzeichnung",
    opening: "Die Aufzeichnung wird geöffnet…",
    watch: "Ansehen",
    summary: (length: Length, stretches: number) =>
      `${inWords(length)} in ${stretches === 1 ? "einem Abschnitt" : `${stretches} Abschnitten`}.`,
    others: (count: number) =>
      count === 1
        ? "Ein weiterer Abschnitt wurde ohne Sie aufgezeichnet. Sie können ihn nicht öffnen."
        : `${count} weitere Abschnitte wurden ohne Sie aufgezeichnet. Sie können sie nicht öffnen.`,
    notYet:
      "Noch gibt es nichts anzusehen. Ein Abschnitt ist zu sehen, sobald er abgeschlossen ist.",
    nothingForYou:
      "Es gibt keinen Abschnitt, den Sie öffnen können: Solange Sie da waren, wurde nichts aufgezeichnet.",
    stillRecording: "Wird noch aufgezeichnet",
    destroyedAt: (when: string) =>
      `Die Aufzeichnung und ihre Schlüssel wurden vernichtet: ${when}.`,
    cannotPlay:
      "Dieser Browser kann nicht abspielen, was aufgezeichnet ist. Öffnen Sie Ihren Link in einem aktuellen Chrome, Edge, Firefox oder Safari.",
    openedHere: (until: string) =>
      `Entschlüsselt wird in diesem Browser, mit dem Schlüssel in Ihrem Link. Der Server kann sie nicht öffnen. Aufbewahrt wird sie längstens bis ${until}.`,
    trouble: {
      unreachable: "Der Server ist nicht erreichbar. Es geht weiter, sobald er es wieder ist.",
      untrue:
        "Ein Teil der Aufzeichnung passt nicht zu dem, was unterschrieben wurde. Er wurde verändert oder gehört woandershin und wird nicht gezeigt.",
      destroyed:
        "Die Schlüssel dieser Aufzeichnung wurden vernichtet. Sie lässt sich nicht mehr öffnen.",
      unplayable: "Dieser Browser konnte die Aufzeichnung nicht lesen.",
    },
    damaged: (count: number) =>
      `${count === 1 ? "Ein Stück passt" : `${count} Stücke passen`} nicht zu dem, was unterschrieben wurde, und ${count === 1 ? "wurde" : "wurden"} ausgelassen.`,
    someDeleted: (count: number) =>
      count === 1
        ? "Eine Person hat ihren Teil löschen lassen."
        : `${count} Personen haben ihren Teil löschen lassen.`,
    partDeleted: "Auf Wunsch gelöscht",
    nameless: "Jemand",
    region: "Wiedergabe der Aufzeichnung",
    everyone: "Alle in der Aufzeichnung",
    large: (name: string) => `Groß zeigen: ${name}`,
    controls: "Wiedergabe",
    play: "Abspielen",
    pause: "Anhalten",
    back: "Zehn Sekunden zurück",
    forward: "Zehn Sekunden vor",
    loading: "Wird geladen",
    speed: "Geschwindigkeit",
    times: (speed: number) => `${String(speed).replace(".", ",")}-fach`,
    seek: "Stelle in der Aufzeichnung",
    position: (at: Length, of: Length) => `${inWords(at)} von ${inWords(of)}`,
    whoSpeaks: "Wer wann spricht",
    whoSpeaksHow:
      "Gezeichnet danach, wie viel Ton jedes Mikrofon gesendet hat, in Schritten von ein bis zwei Sekunden. Auch Geräusche zählen.",
    spoke: (name: string, share: number) => `Ton von ${name} in ${share} % der Aufzeichnung`,
    volume: (name: string) => `Lautstärke von ${name}`,
    pauses: (count: number, length: Length) =>
      `${count === 1 ? "Eine Pause" : `${count} Pausen`}, zusammen ${inWords(length)}, ${count === 1 ? "wird" : "werden"} übersprungen: Da wurde nichts aufgezeichnet.`,
    stretches: (count: number) =>
      count === 1
        ? "Der Abschnitt und wer ihn öffnen kann"
        : `Die ${count} Abschnitte und wer sie öffnen kann`,
    began: "Begann",
    length: "Länge",
    couldOpen: "Wer ihn öffnen kann",
    interrupted: "unterbrochen",
    people: (count: number, names: string) =>
      `${count === 1 ? "1 Person" : `${count} Personen`}${names === "" ? "" : `: ${names}`}`,
    copyTitle: "Eine eigene Kopie",
    copyMeans:
      "Eine Kopie auf Ihrem Gerät ist außerhalb von Assent. Sie ist nicht verschlüsselt, niemand kann sie für die löschen, die darin vorkommen, und wer sie in die Hand bekommt, kann sie ansehen. Zugestimmt haben alle nur dem Ansehen durch die, die dabei waren.",
    copy: "Herunterladen",
    copyOf: (track: string) => `Herunterladen: ${track}`,
    track: (name: string, source: string) => `${name}: ${source}`,
    sources: {
      microphone: "Mikrofon",
      camera: "Kamera",
      screen: "Bildschirm",
      "screen-audio": "Ton des Bildschirms",
      "device-microphone": "Ton eines weiteren Geräts",
      "device-camera": "Bild eines weiteren Geräts",
    },
    copied: "Die Kopie ist auf Ihrem Gerät.",
    copiedPartly: (missing: number) =>
      `Die Kopie ist auf Ihrem Gerät, ohne ${missing === 1 ? "ein Stück, das" : `${missing} Stücke, die`} gelöscht oder beschädigt ${missing === 1 ? "ist" : "sind"}.`,
    notCopied: "Die Kopie wurde nicht fertig. Nichts davon blieb, oder nur ein Teil.",
    deleteTitle: "Mein Teil der Aufzeichnung",
    deleteWhat:
      "Sie können alles löschen lassen, was von Ihnen aufgezeichnet wurde: Stimme, Bild, Bildschirm. Was von den anderen aufgezeichnet wurde, bleibt bei ihnen.",
    deletePart: "Meinen Teil löschen",
    keepPart: "Meinen Teil behalten",
    deleteConfirm: "Alles löschen, was von Ihnen aufgezeichnet wurde?",
    deleting: "Ihr Teil wird gelöscht. Diese Seite sagt, wann nichts mehr davon da ist.",
    deletedAt: (when: string) =>
      `Ihr Teil wurde gelöscht. Auf dem Server war nichts mehr davon: ${when}.`,
    deleteLimits:
      "Kopien, die jemand gemacht hat, als das Ansehen erlaubt war, kann der Server nicht löschen.",
    droppedRevoked:
      "Der Gastgeber oder ein Verwalter hat etwas zurückgenommen; darum wurde nicht freigegeben.",
    droppedWithdrawn: "Jemand hat sein Ja zurückgenommen.",
    droppedRetention: "Die Zeit der Aufbewahrung ist vorbei.",
    droppedOther: "Nicht alles, was eine Freigabe braucht, war noch da.",
    dataSet: "Datensatz",
    exportedAt: "Exportiert",
    manifest: "Prüfsumme seiner Dateiliste",
  },

  acts: {
    open: "Zurücknehmen oder löschen",
    title: (meeting) => `Zurücknehmen oder löschen: ${meeting}`,
    explained:
      "Für jemanden, der seinen Link verloren hat oder Sie darum bittet. Hier wird immer nur weggenommen: Niemand kann hier für jemand anderen zustimmen. Es wird mit Ihrer Rolle protokolliert, und die Person sieht es auf ihrer Seite.",
    names: "Sie sehen, wer dabei war, und nie, was jemand geantwortet hat.",
    nobody: "In diesem Treffen war niemand.",
    withdraw: "Training zurücknehmen",
    deletePart: "Anteil löschen",
    deleteMeeting: "Treffen löschen",
    confirm: {
      training: (name) => `Training für ${name} zurücknehmen?`,
      recording: (name) => `Den Anteil von ${name} löschen?`,
      meeting: (title) => `„${title}“ löschen?`,
    },
    what: {
      training:
        "Die Aufzeichnung dieses Treffens wird nie zum Training freigegeben, und der Schlüssel des Tresors dazu wird vernichtet. Ansehen lässt sie sich weiter.",
      recording:
        "Das Ja zur Aufzeichnung und zum Training wird für diese Person zurückgenommen. Alles, was von ihr aufgezeichnet wurde, wird gelöscht, und die Aufzeichnung dieses Treffens wird nie zum Training freigegeben. Die anderen behalten ihre Anteile.",
      meeting:
        "Die Aufzeichnung, ihre Schlüssel und alles, was sagt, wer dabei war, werden gelöscht, jetzt und für alle. Läuft das Treffen noch, so endet es.",
    },
    cannotUndo:
      "Das lässt sich nicht rückgängig machen. Was vorher exportiert wurde, und Kopien, die jemand gemacht hat, erreicht es nicht.",
    done: "Erledigt. Es wird jetzt ausgeführt.",
    doneBy: {
      training: (by, when) => `${by} hat das Training zurückgenommen, ${when}`,
      recording: (by, when) => `${by} hat den Anteil löschen lassen, ${when}`,
      meeting: (by, when) => `${by} hat dieses Treffen gelöscht, ${when}`,
    },
    forYou: {
      title: "Für Sie zurückgenommen",
      training: (by, when) => `${by} hat das Ja zum Training für Sie zurückgenommen (${when}).`,
      recording: (by, when) =>
        `${by} hat das Ja zur Aufzeichnung und zum Training für Sie zurückgenommen und Ihren Anteil löschen lassen (${when}).`,
      meeting: (by, when) => `${by} hat dieses Treffen gelöscht (${when}).`,
      hint: "Sie können selbst mehr zurücknehmen, und niemand kann das rückgängig machen. Über das, was ab jetzt aufgezeichnet wird, entscheiden Sie neu.",
    },
    byOthers: "Jemand anderes hat das für Sie zurückgenommen.",
    notAdmitted:
      "Sie wurden in dieses Treffen nicht eingelassen. Nichts von Ihnen wurde aufgezeichnet, und was Sie geantwortet haben, zählt nicht.",
  },
  console: {
    actions: "Aktionen",
    endMeeting: "Treffen beenden",
    endTitle: (title) => `„${title}“ für alle beenden?`,
    endBody:
      "Alle darin werden sofort hinausgeschickt, die Aufnahme endet, und es kann nicht wieder begonnen werden.",
    disableBody:
      "Das Konto wird überall abgemeldet. Seine laufenden Treffen enden für alle darin und können nicht wieder begonnen werden; seine anderen bleiben geschlossen, bis das Konto entsperrt wird. Seine Einladungen, seine Links für ein Passwort und seine noch nicht begonnenen Exporte enden.",
    title: "Verwaltung",
    overview: {
      title: "Überblick",
      states: { ready: "Bereit", "not-ready": "Nicht bereit", unknown: "Zurzeit nicht bekannt" },
      notKnown: "Noch ist nichts bekannt.",
      asOf: (when: string) => `Das Folgende ist der Stand von ${when}.`,
      warnings: "Darum sollten Sie sich kümmern:",
      reasons: {
        "worker-silent": "vom Arbeiter des Tresors ist nichts zu hören",
        "worker-not-running": "der Arbeiter des Tresors läuft nicht",
        "media-not-running": "niemand überträgt Ton und Bild",
        "clock-unconfirmed": "die Uhr ist zweifelhaft, bis jemand sie bestätigt",
        "answers-owed":
          "was Menschen gesagt haben, konnte noch nicht gespeichert werden und wird festgehalten",
        "log-not-published": "das öffentliche Protokoll wird nicht weiter gezeigt",
        "client-not-built": "die Seiten dieses Servers sind nicht gebaut",
        "vault-never-seen": "der Arbeiter des Tresors ist noch nie gestartet",
        "space-low": "ein Datenträger ist fast voll",
        "space-unknown": "wie voll ein Datenträger ist, lässt sich nicht feststellen",
        "database-unavailable": "die Datenbank ist nicht erreichbar",
        "recordings-unrecovered": "abgebrochene Aufzeichnungen sind noch nicht abgeschlossen",
        "certificate-expired": "das Zertifikat ist abgelaufen",
        "certificate-expires-soon": "das Zertifikat läuft in 30 Tagen oder weniger ab",
        "certificate-expires-very-soon": "das Zertifikat läuft in 7 Tagen oder weniger ab",
      },
      meetings: "Treffen jetzt",
      running: (running: number, count: number) =>
        `${running}, in ${running === 1 ? "dem" : "denen"} jemand ist, zusammen ${people(count)}`,
      exports: "Exporte",
      exportsRunning: (running: number, requested: string) =>
        `${running} werden geschrieben, ${requested} angefordert und nicht begonnen`,
      worker: "Arbeiter des Tresors",
      heard: (when: string) => `zuletzt gehört: ${when}`,
      neverHeard: "nicht bekannt: es war noch nie etwas von ihm zu hören",
      certificate: "Zertifikat",
      noCertificate: "nicht bekannt: dieser Server zeigt selbst keines",
      expires: (days: number, when: string) =>
        `noch ${days} ${days === 1 ? "Tag" : "Tage"}, bis ${when}`,
      expired: "abgelaufen",
      disks: "Platz auf Datenträgern",
      free: (free: string, total: string) => `${free} von ${total} frei`,
      belowFloor: (floor: string) => `– weniger als die ${floor}, die Aufzeichnungen brauchen`,
      destructions: (days: number) => `Wird binnen ${days} Tagen vernichtet`,
      recordings: (count: string) => (count === "1" ? "1 Treffen" : `${count} Treffen`),
      toDo: "Zu erledigen",
      recalls: (meetings: number, dataSets: number) =>
        `${meetings} Treffen ${meetings === 1 ? "wurde" : "wurden"} aus ${dataSets} ${dataSets === 1 ? "Datensatz" : "Datensätzen"} zurückgerufen. Ob jede Kopie davon befreit ist, ist hier nicht bekannt.`,
      owed: (count: string) =>
        `${count} angeordnete ${count === "1" ? "Löschung ist" : "Löschungen sind"} noch nicht als erledigt gesehen; der Arbeiter macht von selbst weiter`,
      none: "nichts",
    },
    notices: {
      title: "Hinweis",
      hint: "Die Worte, denen Menschen zustimmen sollen. Eine veröffentlichte Fassung wird nie mehr geändert.",
      inForce: (version: number) => `Fassung ${version} gilt für neue Treffen`,
      byServer: "vom Server bei seinem Start veröffentlicht",
      noPlace: (languages: string) =>
        `Die Hinweise in notice_dir haben kein \${own_words} auf: ${languages}. Solange das so ist, kann hier nichts hinzugefügt werden.`,
      digests: "Prüfsummen (SHA-256)",
      immutable: "Jede Antwort ist an eine davon gebunden.",
      kinds: {
        both: "nach Aufzeichnung und Training gefragt wird",
        recording: "nur nach der Aufzeichnung gefragt wird",
        nothing: "nichts gefragt wird",
      },
      write: "Neue Fassung schreiben",
      fixed:
        "Was der Hinweis über Aufzeichnung, Training, Daten, Aufbewahrung und Zurücknehmen sagt, steht fest: Es kommt aus den Dateien des Hinweises, denen des Programms oder denen in notice_dir, aus den Einstellungen dieses Servers und aus der Urkunde jedes Treffens, denn es muss sagen, was ausgeführt wird. Niemand kann es hier ändern oder weglassen. Was Sie schreiben, steht in einem eigenen Abschnitt am Ende, als Worte dessen, der diesen Server betreibt. Es muss in jeder Sprache da sein oder in keiner.",
      mayStand: "Was darin stehen darf",
      markdown:
        "Markdown: Absätze, Listen, starke und betonte Wörter, Links, Überschriften ab ###.",
      facts: "Angaben zu diesem Server, die eingesetzt werden:",
      passages:
        "Eine Stelle nur für manche Treffen; auch: training not offered, recording offered, recording not offered, names shown, names hidden.",
      length: (count: number, most: number) => `${count} von ${most} Zeichen`,
      preview: "Vorschau",
      next: (version: number) => `Fassung ${version}, nicht veröffentlicht`,
      language: "Sprache",
      kind: "Treffen, in denen",
      asAtTheDoor: "Wie man es an der Tür sieht",
      compared: (version: number) => `Verglichen mit der geltenden Fassung ${version}`,
      newLanguage: "Diese Sprache ist neu.",
      unchanged: (lines: number) =>
        lines === 1 ? "1 Zeile wie bisher" : `${lines} Zeilen wie bisher`,
      added: "Hinzugefügt:",
      removed: "Entfernt:",
      forWhom: "Was sich für wen ändert",
      runningKeep: (count: number) =>
        `Treffen, die begonnen haben (${count}), behalten die Worte, die ihre Urkunde nennt.`,
      plannedKeep: (count: number) =>
        `Treffen, die angelegt sind und nicht begonnen haben (${count}), behalten die ihren auch.`,
      newGet: (version: number) =>
        `Treffen, die danach angelegt werden, bekommen Fassung ${version}.`,
      answersStay: "Gegebene Antworten bleiben an die Worte gebunden, die gezeigt wurden.",
      publish: (version: number) => `Fassung ${version} veröffentlichen`,
      publishConfirm: (version: number) =>
        `Fassung ${version} für alle neuen Treffen veröffentlichen? Sie kommt ins öffentliche Protokoll und kann nicht geändert oder zurückgenommen werden; nur eine weitere Fassung kann ihr folgen.`,
      published: "Die neue Fassung gilt für neue Treffen.",
      reasons: {
        empty: "In anderen Sprachen stehen Worte, in dieser nicht.",
        "too-long": "Diese Worte sind zu lang.",
        "control-character": "In diesen Worten ist ein Steuerzeichen.",
        heading:
          "Eine Überschrift darf nicht größer als ### sein: Sie würde den Abschnitt beenden, der sagt, wessen Worte das sind.",
        rule: "Eine Trennlinie würde den Abschnitt beenden, der sagt, wessen Worte das sind.",
        "unknown-fact": "In diesen Worten ist ein ${…}, das keine Angabe zu diesem Server ist.",
        marks: "Die %%-Zeichen in diesen Worten passen nicht zusammen.",
        "language-missing": "Jede Sprache des Hinweises braucht einen Eintrag.",
        "language-unknown": "Den Hinweis gibt es in dieser Sprache nicht.",
        "no-place": "Der eigene Hinweis des Servers hat in dieser Sprache keinen Platz dafür.",
      },
    },
    log: {
      title: "Öffentliches Protokoll",
      hint: "Was gesagt und getan wird, steht hier als gesalzene Prüfsumme und lässt sich nicht mehr herausnehmen. Alle können es unter /log lesen.",
      head: (size, at) => `${size} Einträge, gezeigt seit ${at}`,
      problem: (code) => `Das Protokoll geht nicht weiter: ${code}`,
      noWitnesses: "Kein Zeuge wird gebeten, es gegenzuzeichnen.",
      cosigned: (size) => `${size} Einträge gegengezeichnet`,
      witnessProblem: (code) => `nicht gegengezeichnet: ${code}`,
    },
    meetings: "Treffen",
    noMeetings: "Es gibt noch keine Treffen.",
    columns: {
      meeting: "Treffen",
      people: "Personen",
      recording: "Zustimmung zur Aufzeichnung",
      training: "Zustimmung zum Training",
      stretches: "Aufgezeichnete Abschnitte",
      gate: "Darf es freigegeben werden?",
      release: "Freigabe",
    },
    counted: "Personen werden hier gezählt, nie genannt.",
    gate: {
      release: "Ja",
      blocked: "Nein",
      unknown: "Noch nicht geprüft",
    },
    reasons: {
      "training-not-offered": () => "Training wurde nie angeboten",
      "not-over": () => "das Treffen ist nicht vorbei",
      "recording-open": () => "seine Aufzeichnung ist noch nicht abgeschlossen",
      "nothing-recorded": () => "es wurde nichts aufgezeichnet",
      "not-answered": (count) =>
        `${people(count)} ${count === 1 ? "hat" : "haben"} nicht geantwortet`,
      refused: (count) => `${people(count)} ${count === 1 ? "hat" : "haben"} Nein gesagt`,
      revoked: () => "Gastgeber, Verwalter oder Betreiber haben etwas zurückgenommen",
      withdrawn: (count) =>
        `${people(count)} ${count === 1 ? "hat" : "haben"} das Ja zurückgenommen`,
      "bad-evidence": (count) => `Nachweise von ${people(count)} stimmen nicht`,
      "sealed-seed-missing": (count) => `der Schlüssel von ${people(count)} fehlt`,
      "answers-owed": (count: number) =>
        `der Server konnte noch nicht speichern, was ${people(count)} zurückgenommen ${count === 1 ? "hat" : "haben"}`,
      "report-unreadable": () => "was zuletzt darüber festgestellt wurde, ist nicht lesbar",
      "not-logged": () =>
        "was gespeichert ist, ist nicht, was laut Protokoll gesagt und aufgezeichnet wurde",
      "notice-not-in-force": (count) =>
        `${people(count)} ${count === 1 ? "hat" : "haben"} anderem Wortlaut zugestimmt`,
      "segments-damaged": (count) =>
        `${count} gespeicherte ${count === 1 ? "Teil ist" : "Teile sind"} beschädigt oder fehlen`,
      destroyed: () => "etwas davon wurde vernichtet",
      "retention-over": () => "die Zeit der Aufbewahrung ist vorbei",
      "vault-key-missing": () => "sein Schlüssel existiert nicht mehr",
      "export-segments-damaged": () =>
        "der Export ist gescheitert: gespeicherte Teile waren beschädigt oder fehlten",
      "export-bad-evidence": () =>
        "der Export ist gescheitert: seine Nachweise passen nicht zusammen",
      "export-no-frames": () => "der Export ist gescheitert: es ist weder Ton noch Bild darin",
      "export-timeline-too-long": () =>
        "der Export ist gescheitert: seine Zeiten liegen zu weit auseinander",
      "retry-asked": () => "jemand hat um einen neuen Versuch gebeten",
      "vault-lost": () => "sein Tresor ging verloren",
      "cooling-off": () => "seine Wartezeit ist nicht vorbei",
    },
    otherReason: (code, count) => (count > 0 ? `${code} (${count})` : code),
    release: {
      cooling: (when) => `Wartezeit, bereit ${when}`,
      ready: () => "Bereit zum Exportieren",
      claimed: () => "Wird exportiert",
      exported: () => "Exportiert",
      dropped: () => "Aufgehalten",
    },
    noRelease: "–",
    queue: "Warteschlange der Freigaben",
    releases: {
      hint: "Jedes Treffen, das geprüft wurde. Die Liste hält sich selbst auf dem neuesten Stand.",
      empty: "Es gibt keines.",
      filter: "Welcher Stand gezeigt wird",
      all: "Alle",
      columns: {
        meeting: "Treffen",
        state: "Stand",
        since: "Seit",
        next: "Wie es weitergeht",
        why: "Warum",
      },
      states: {
        cooling: "Wartezeit",
        ready: "Bereit",
        claimed: "Wird exportiert",
        exported: "Exportiert",
        dropped: "Aufgehalten",
        dead: "Export gescheitert",
        blocked: "Gesperrt",
      },
      readyAt: (when) => `bereit ${when}`,
      waits: "kommt in den nächsten Export",
      leasedUntil: (when) =>
        `der Arbeitsprozess hält es bis ${when} und verlängert das, solange er arbeitet`,
      inExport: "im Datensatz",
      retry: "Noch einmal versuchen",
      retryAsked: (when) => `neuer Versuch erbeten ${when}`,
      retrySaid: "Es wird noch einmal geprüft.",
    },
    pages: { label: "Seiten", newest: "Neueste", older: "Ältere" },
    figures: {
      title: "Zahlen",
      hint: "Gezählt wird, was da ist: Was seither vernichtet wurde, steht in keiner Säule mehr. Die Tage sind die von UTC.",
      span: "Zeitraum",
      days: (count) => `${count} Tage`,
      total: (count) => `${count} insgesamt`,
      table: "Als Tabelle",
      since: "Ab",
      series: {
        meetings: "Angelegte Treffen",
        recordings: "Aufgezeichnete Abschnitte",
        answers: "Unterschriebene Antworten",
        releases: "Eingereihte Freigaben",
        exports: "Exportierte Treffen",
        deletions: "Angeordnete Löschungen",
      },
      storageOverTime: "Belegter Platz im Lauf der Zeit",
      storageHint:
        "Das Meiste, was belegt war; alle sechs Stunden von diesem Server aufgeschrieben, seit er das kann.",
      storage: "Datenträger",
      places: { objects: "Aufzeichnungen", server: "Schlüssel des Servers", database: "Datenbank" },
      used: (used, total) => `${used} von ${total} belegt`,
      unknown: "nicht festzustellen",
    },
    audit: {
      title: "Wer hat was getan",
      hint: "Gelesen aus dem, was die Handlungen selbst in der Datenbank hinterlassen haben. Wer sich angemeldet, ein Treffen beendet oder ein Konto gesperrt hat, wird nirgends aufgeschrieben und hier nicht genannt; Einladungen stehen hier, solange sie aufbewahrt werden.",
      empty: "Nichts dergleichen.",
      all: "Alle",
      from: "Von",
      until: "Bis",
      download: (format) => `${format} herunterladen`,
      columns: { when: "Wann", what: "Was", who: "Wer", meeting: "Treffen", detail: "Näheres" },
      by: { operator: "Betreiber", vault: "Tresor", unknown: "Nicht aufgeschrieben" },
      acts: {
        "account-made": "Konto angelegt",
        "account-disabled": "Konto gesperrt",
        "invitation-made": "Einladung erstellt",
        "notice-published": "Hinweis veröffentlicht",
        "meeting-created": "Treffen angelegt",
        "meeting-ended": "Treffen beendet",
        "meeting-destroyed": "Treffen vernichtet",
        "taken-back": "Für andere zurückgenommen",
        "release-queued": "Freigabe eingereiht",
        "release-dropped": "Freigabe aufgehalten",
        "retry-asked": "Neuer Versuch erbeten",
        "export-asked": "Export beauftragt",
        "export-approved": "Export genehmigt",
        "export-declined": "Export abgelehnt",
        "export-taken-back": "Export zurückgenommen",
        "export-ended": "Export zu Ende",
        "download-asked": "Download verlangt",
        "download-approved": "Download gebilligt",
        "download-declined": "Download abgelehnt",
        "download-taken-back": "Download zurückgenommen",
        "download-ended": "Download beendet",
        "data-set-fetched": "Datensatz abgeholt",
        "meeting-exported": "Treffen exportiert",
        "deletion-ordered": "Löschung angeordnet",
        "deletion-seen": "Löschung überprüft",
        "clock-confirmed": "Uhr bestätigt",
      },
    },
    exports: "Exporte",
    exportReady: "Exportieren, was bereit ist",
    exportConfirm:
      "Diese Treffen exportieren? Die Aufzeichnungen werden geöffnet und in den Exportordner geschrieben. Wer später widerruft, ist im nächsten Export nicht mehr enthalten; was exportiert ist, kann dieser Server aber nicht zurückholen.",
    exportAsked: "Der Export ist beauftragt.",
    noExports: "Es wurde noch nichts exportiert.",
    exportState: {
      requested: "Beauftragt",
      running: "Wird geschrieben",
      done: "Fertig",
      failed: "Gescheitert",
      proposed: "Wartet auf Genehmigung",
      declined: "Abgelehnt",
      "taken-back": "Zurückgenommen",
      lapsed: "Verfallen",
    },
    sessions: {
      title: "Wo du angemeldet bist",
      hint: "Jede Zeile ist ein Browser, der mit deinem Konto angemeldet ist. Wann er benutzt wurde, ist auf die Stunde bekannt.",
      since: (when: string) => `angemeldet ${when}`,
      used: (when: string) => `zuletzt benutzt ${when}`,
      until: (when: string) => `endet ${when}, wenn er nicht benutzt wird`,
      current: "Dieser Browser",
      end: "Abmelden",
      endOthers: "Überall sonst abmelden",
    },
    settings: {
      title: "Einstellungen",
      hint: "Sie werden beim Start des Servers gelesen, aus seiner Datei oder seiner Umgebung, und dort unter diesen Namen geändert; hier lässt sich nichts ändern. Von einem Geheimnis wird nur gesagt, ob es gesetzt ist. Was sie bedeuten, steht auf Englisch da, wie im Programm.",
      show: (count: number) => `Alle ${count} zeigen`,
      key: "Schlüssel",
      value: "Wert",
      about: "Wofür",
      unset: "nicht gesetzt",
      secret: "gesetzt; wird nicht gezeigt",
    },
    funnel: {
      title: "Wie weit Leute kommen",
      hint: "Gezählt nach Treffen, nie mit Namen: Wer in zwei Treffen war, zählt in beiden. Wie viele einen Link bekommen haben, weiß niemand; gezählt wird, wer ihn geöffnet hat.",
      meetings: (count: number) => `${count} Treffen`,
      newest: (count: number) => `Nur von den neuesten ${count} Treffen.`,
      stage: "Wie weit",
      people: "Leute",
      share: "Von denen, die den Link geöffnet haben",
      stages: {
        invited: "Link geöffnet",
        joined: "Hereingekommen",
        recording: "Aufnahme zugestimmt",
        training: "Training zugestimmt",
        released: "In einem freigegebenen Treffen",
        exported: "In einem Datensatz",
        withdrawn: "Etwas zurückgenommen",
      },
    },
    accountSince: (when: string) => `Konto seit ${when}`,
    roleMay: {
      administrator: "Alles in dieser Verwaltung, und was Gastgeber dürfen. Öffnet keine Aufnahme.",
      host: "Legt Treffen an und entscheidet in den eigenen; sieht nichts von anderen.",
    },
    downloading: {
      start: "Herunterladen",
      confirm:
        "Diesen Datensatz herunterladen? Der Tresor versiegelt ihn für einen Schlüssel, den diese Seite jetzt zieht; dein Browser öffnet ihn und schreibt ihn auf deine Festplatte. Das Protokoll der Verwaltung nennt dich. Lass diese Seite offen, bis er da ist: Eine neu geladene Seite muss von vorn beginnen.",
      parts:
        "Dieser Browser schreibt Dateien von 256 MB, nummeriert ab 001. Füge sie in dieser Reihenfolge zusammen, bevor du sie auspackst, zum Beispiel: cat data-set-*.tar.0* > data-set.tar",
      asked: "Der Tresor ist um den Datensatz gebeten.",
      proposed:
        "Jemand anderes aus der Verwaltung muss diesen Download billigen. Lass diese Seite offen.",
      progress: (done: string, total: string) => `${done} von ${total}`,
      away: "Der Server ist nicht zu erreichen. Der Download geht weiter, sobald er es ist.",
      done: "Der Datensatz ist auf deiner Festplatte. Prüfe ihn mit: assent-vault check-dataset",
      cancelled: "Der Download wurde abgebrochen.",
      lapsed: "Die Zeit dieses Downloads ist um. Beginne von vorn.",
      untrue: "Was ankam, ist nicht, was der Tresor versiegelt hat. Nichts davon wurde behalten.",
      notWritten: "Er konnte nicht auf deine Festplatte geschrieben werden.",
      byOther: (name: string) => `${name} lädt ihn herunter`,
      wants: (name: string) => `${name} möchte ihn herunterladen`,
      elsewhere:
        "Eine Seite, die du geschlossen oder neu geladen hast, hatte einen Download begonnen. Er kann nicht weitergehen; beginne von vorn.",
      approve: "Download billigen",
      approveConfirm:
        "Diesen Download billigen? Der Datensatz verlässt dann die Maschine des Tresors und geht in den Browser der Person, die darum bittet.",
      decline: "Download ablehnen",
      declineConfirm: "Diesen Download ablehnen? Nichts wird herausgegeben.",
      /** Why it ended, or what it waits for. */
      why: {
        "data-set-missing": "Der Ordner dieses Datensatzes ist nicht mehr da.",
        "data-set-changed": "Der Datensatz ist nicht, was der Tresor unterschrieben hat.",
        "data-set-unreadable": "Der Datensatz lässt sich nicht von der Festplatte lesen.",
        "data-set-recalled":
          "Etwas aus diesem Datensatz wurde zurückgenommen. Ist es aus dem Ordner entfernt (assent-vault check-dataset --apply), lässt sich der Rest herunterladen.",
        "data-set-elsewhere":
          "Dieser Datensatz wurde vom Befehl in einen eigenen Ordner geschrieben und wird von dort nicht herausgegeben.",
        "data-set-too-large": "Dieser Datensatz ist zu groß, um ihn hier herunterzuladen.",
        "recalls-unknown":
          "Was aus diesem Datensatz zurückgenommen wurde, lässt sich nicht feststellen; darum wird er nicht herausgegeben.",
        "bad-key": "Der Schlüssel dieser Seite war nicht zu gebrauchen.",
        replaced: "Der Download wurde in einer anderen Seite von vorn begonnen.",
        "downloads-off": "Downloads wurden abgeschaltet (export_downloads).",
        "space-low": "Er wartet: Eine Festplatte ist fast voll.",
        "space-unknown": "Er wartet: Wie voll eine Festplatte ist, lässt sich nicht feststellen.",
        "store-unavailable": "Er wartet: Der Objektspeicher nimmt gerade nichts an.",
      },
    },
    exporting: {
      again: {
        make: "Nächste Fassung machen",
        hint: (id: string) =>
          `Die nächste Fassung des Datensatzes ${id}: diejenigen seiner Treffen, denen noch zugestimmt ist, ohne was zurückgenommen wurde.`,
        instead: "Stattdessen ein neuer Datensatz",
        of: (id: string) => `nächste Fassung von ${id}`,
        included: "Auch Treffen, die schon in einem Datensatz sind",
        noRoom: (count: number) => `${count} weitere haben keinen Platz: Tage wählen`,
        refused: (count: number) =>
          count === 1
            ? "1 Treffen, das schon exportiert wurde, geht nicht noch einmal:"
            : `${count} Treffen, die schon exportiert wurden, gehen nicht noch einmal:`,
        why: {
          withdrawn: "jemand hat das Ja zurückgenommen.",
          revoked: "für jemanden wurde etwas zurückgenommen.",
          "retention-over": "die Zeit der Aufbewahrung ist um.",
          destroyed: "es wurde vernichtet.",
          "vault-key-missing": "seinen Schlüssel gibt es nicht mehr.",
          "too-many-data-sets": "es ist schon in 100 Datensätzen.",
        },
      },
      recipient: "Wem er gegeben wird",
      recipientHint:
        "Das steht im Datensatz und im Protokoll, und alle, die in diesen Treffen waren, können es sehen.",
      purpose: "Wofür",
      since: "Treffen ab",
      until: "Treffen bis",
      audioOnly: "Nur Ton, ohne Bilder",
      said: "Das muss gesagt werden.",
      days: "Der letzte Tag liegt vor dem ersten.",
      propose: "Diesen Export vorschlagen",
      needsApproval:
        "Er beginnt erst, wenn ihn noch jemand aus der Verwaltung genehmigt hat; das geht 72 Stunden lang. Bis er beginnt, können Sie ihn zurücknehmen.",
      proposed: "Der Export wartet auf eine zweite Person aus der Verwaltung.",
      approve: "Genehmigen",
      approveConfirm:
        "Diesen Export genehmigen? Der Tresor öffnet dann die Aufzeichnungen und schreibt sie in den Exportordner. Was exportiert ist, kann dieser Server nicht zurückholen.",
      decline: "Ablehnen",
      declineConfirm:
        "Diesen Export ablehnen? Er wird nicht gemacht. Wer ihn beauftragt hat, kann nur einen anderen beauftragen.",
      takeBack: "Zurücknehmen",
      takeBackConfirm:
        "Diesen Export zurücknehmen? Er wird nicht gemacht. Sie können einen anderen beauftragen.",
      forecast: (meetings, hours, size) =>
        `${meetings} Treffen, ${hours} Stunden, etwa ${size}, wie sie gespeichert sind`,
      unmeasured: (count) =>
        `${count} davon nicht mitgezählt, die der Tresor noch nicht gemessen hat`,
      left: (count) => `${count} weitere sind für den nächsten Export`,
      askedBy: (name) => `von ${name}`,
      approved: (when, name) => `genehmigt ${when} von ${name}`,
      declined: (when, name) => `abgelehnt ${when} von ${name}`,
      takenBack: (when, name) => `zurückgenommen ${when} von ${name}`,
      lapses: (when) => `kann bis ${when} genehmigt werden`,
      from: (day) => `ab ${day}`,
      through: (day) => `bis ${day}`,
      filters: {
        title: "Nur Treffen und Ton, die …",
        languages: "Alle haben, wozu sie ja sagten, in einer dieser Sprachen gelesen",
        languagesHint:
          "Wie de oder pt-BR, mit Kommas dazwischen, höchstens 20. So sagen es die unterschriebenen Antworten; welche Sprache gesprochen wird, weiß niemand.",
        languagesWrong: "Das müssen Kürzel von Sprachen sein, wie de oder pt-BR, höchstens 20.",
        seconds: "Treffen von mindestens so vielen Sekunden",
        secondsWrong: "Das muss eine ganze Zahl mit bis zu neun Ziffern sein.",
        filled:
          "Ohne Ton, der zu mehr als so viel Prozent Stille ist, die gelegt wurde, wo nichts ankam",
        clipped:
          "Ohne Ton, der zu mehr als so viel Prozent übersteuert ist oder von dem man das nicht weiß",
        percentWrong: "Das muss eine Zahl von 0 bis 100 sein.",
        later: "Welcher Ton dadurch wegfällt, weiß man erst, wenn er geschrieben wird.",
        readIn: (names) => `von allen gelesen auf: ${names}`,
        atLeast: (length) => `Treffen von mindestens ${length}`,
        mostFilled: (percent) => `ohne Ton, der zu mehr als ${percent} gelegte Stille ist`,
        mostClipped: (percent) => `ohne Ton, der zu mehr als ${percent} übersteuert ist`,
        unlooked: (count) => `bei ${count} weiteren wurde die gelesene Sprache nicht nachgesehen`,
      },
      /** Why the vault has not begun it. */
      why: {
        "former-unknown": "Das Protokoll kennt keinen solchen Datensatz.",
        "too-many-meetings": "Mehr Treffen, als in einen Datensatz gehen.",
        "not-approved": "Niemand sonst aus der Verwaltung hat ihn genehmigt.",
        "approval-void":
          "Wer ihn beauftragt oder genehmigt hat, verwaltet diesen Server nicht mehr.",
        "approval-lapsed": "Nach der Genehmigung wurde er nicht rechtzeitig begonnen.",
        "account-disabled": "Das Konto, das ihn beauftragt oder genehmigt hat, wurde gesperrt.",
      },
    },
    progress: (done, total) => `${done} von ${total} Treffen`,
    folder: "Ordner",
    givenTo: (recipient: string, purpose: string) => `für ${recipient}: ${purpose}`,
    recalled: (count: number) =>
      count === 1
        ? "1 Treffen wurde seither zurückgenommen. Entfernen Sie es aus diesem Ordner und allen Kopien: assent-vault check-dataset --apply."
        : `${count} Treffen wurden seither zurückgenommen. Entfernen Sie sie aus diesem Ordner und allen Kopien: assent-vault check-dataset --apply.`,
    recallsFetched: (when: string) =>
      `Was zurückgerufen wurde, wurde zuletzt etwa am ${when} abgeholt.`,
    recallsNotFetched: "Was zurückgerufen wurde, hat seither niemand abgeholt.",
    asked: (when) => `beauftragt ${when}`,
    finished: (when) => `fertig ${when}`,
    people: "Konten",
    roles: { host: "Gastgeber", administrator: "Verwalter" },
    disabled: "gesperrt",
    disable: "Sperren",
    enable: "Entsperren",
    resetPassword: "Neues Passwort",
    resetConfirm: (name: string) =>
      `Einen Link erstellen, mit dem für ${name} ein neues Passwort gesetzt werden kann? Wer den Link hat, kann sich als ${name} anmelden. Er gilt einmal, einen Tag lang, und lässt sich nicht zurücknehmen.`,
    resetLink: (login) => `Link, der das Passwort von ${login} setzt`,
    inviteHost: "Gastgeber einladen",
    inviteAdministrator: "Verwalter einladen",
    invitationLink: "Einladungslink",
    invitationHint: (when) => `Gilt einmal, bis ${when}. Er wird nur jetzt gezeigt.`,
    notAllowed: "Die Verwaltung ist nur für Verwalter.",
  },

  proof: {
    title: "Beweis",
    lead: "Hier in Ihrem Browser geprüft, eins nach dem anderen. Nichts davon beruht allein auf dem Wort des Servers.",
    states: {
      waiting: "Noch nicht geprüft:",
      holds: "Stimmt:",
      "own-word": "Stimmt, soweit die Datei selbst es sagt:",
      fails: "Stimmt nicht:",
      "not-made": "Nicht angesehen:",
    },
    checks: {
      file: {
        title: "Die Datei",
        holds: "Sie ist eine Quittung, und kein Teil davon fehlt.",
      },
      charter: {
        title: "Was gefragt werden durfte",
        holds:
          "Es steht fest, was bei dem Treffen gefragt werden durfte und welche Schlüssel dafür einstehen.",
      },
      server: { title: "Der Server" },
      vault: { title: "Der Tresor" },
      words: {
        title: "Der Wortlaut",
        holds: "Der Hinweis ist Buchstabe für Buchstabe der, der galt.",
      },
      "vault-key": {
        title: "Der Schlüssel für das Training",
        holds: "Der Schlüssel, für den ein Ja zum Training verschlossen wird, gehört dem Tresor.",
      },
      enrolment: {
        title: "Um wen es geht",
        holds:
          "Der Browser hat beim Eintreten unterschrieben, mit einem Schlüssel, den sonst niemand hatte.",
      },
      answers: {
        title: "Die Antworten",
        holds:
          "Jede ist mit demselben Schlüssel unterschrieben und folgt auf die davor; dazwischen fehlt keine.",
      },
      records: {
        title: "Was im Protokoll steht",
        holds:
          "Dort steht, was unterschrieben wurde, in einer Reihenfolge, in der es geschehen sein kann.",
      },
      log: {
        title: "Welches Protokoll",
        holds: "Es ist das Protokoll, für das dieser Server einsteht.",
      },
      acknowledgements: {
        title: "Gegenzeichnungen",
        holds:
          "Der Server hat für jede Erklärung in dieser Datei unterschrieben, mit ihrer Stelle im Protokoll.",
      },
      heads: {
        title: "Der Stand des Protokolls",
        holds:
          "Der Schlüssel des Protokolls hat ihn unterschrieben, und alle Nachweise in dieser Datei gelten für diesen einen Stand.",
      },
      inclusion: {
        title: "Plätze im Protokoll",
        holds:
          "Jeder Eintrag steht in diesem Stand an seinem Platz. Wird einer später geändert oder entfernt, zeigt es diese Quittung.",
      },
    },
    keys: {
      server: {
        given: "Sein Schlüssel ist der, den Sie eingegeben haben.",
        remembered:
          "Sein Schlüssel ist der, den dieser Browser bei Ihrem Beitritt kennengelernt hat.",
        ownWord: "Sein Schlüssel ist der, den die Datei selbst nennt. Vergleichen Sie ihn unten.",
      },
      vault: {
        given: "Sein Schlüssel ist der, den Sie eingegeben haben.",
        remembered:
          "Sein Schlüssel ist der, den dieser Browser bei Ihrem Beitritt kennengelernt hat.",
        ownWord: "Sein Schlüssel ist der, den die Datei selbst nennt. Vergleichen Sie ihn unten.",
      },
    },
    failures: {
      "not-a-receipt": "Das ist keine Quittung, oder sie ist beschädigt oder abgeschnitten.",
      "bad-document":
        "Ein Teil ist nicht lesbar als das, was er sein soll: beschädigt oder verändert.",
      "other-key": "Es ist ein anderer Schlüssel, als es sein müsste.",
      "other-languages": "Eine Sprache des Hinweises fehlt, oder es ist eine zu viel.",
      "other-words": "Das sind nicht die Worte, denen zugestimmt wurde: der Text wurde verändert.",
      "other-meeting": "Das gehört zu einem anderen Treffen.",
      "bad-signature":
        "Eine Unterschrift passt nicht: etwas wurde verändert, oder jemand anderes hat unterschrieben.",
      "bad-statement":
        "Eine Erklärung sagt, was sie nicht sagen darf, oder ist von jemand anderem.",
      "notice-not-in-force": "Eine Erklärung gilt Worten, die bei diesem Treffen nicht galten.",
      "stale-statement":
        "Die Antworten folgen nicht aufeinander: eine fehlt oder steht an falscher Stelle.",
      mismatch: "Zwei Teile, die zusammengehören, sagen Verschiedenes.",
      "out-of-order": "Die Reihenfolge ist so, dass es nicht geschehen sein kann.",
      missing: "Etwas, das da sein muss, fehlt oder ist doppelt.",
      "other-log": "Das stammt aus einem anderen Protokoll als dem dieses Servers.",
      "split-view":
        "Das Protokoll hat zwei verschiedene Verläufe gezeigt. Das ist ein Beweis gegen den, der es führt.",
      "not-witnessed": "Ein Zeuge, der unterschrieben haben muss, hat es nicht.",
      "not-in-log": "Ein Eintrag steht im Protokoll nicht an dem Platz, an dem er stehen müsste.",
    },
    notMade: "Nicht angesehen, weil etwas, worauf es aufbaut, nicht stimmt.",
    holds: "Alles stimmt.",
    holdsWhat: "Gemessen an den Schlüsseln, die vorher bekannt waren.",
    ownWord:
      "Aber die Schlüssel sind die, die die Datei selbst nennt: vergleichen Sie sie mit dem, was Sie von anderswo wissen.",
    failed: "Das stimmt nicht.",
    failedWhat:
      "Etwas wurde verändert oder fehlt. Verlassen Sie sich auf nichts darin, und zeigen Sie es jemandem, dem Sie vertrauen.",
    receiptTitle: "Ihre Quittung",
    saveReceipt: "Quittung herunterladen",
    saveRecord: "Einwilligungsnachweis herunterladen",
    saveWhy:
      "Die Quittung beweist ohne diesen Server und auf Dauer, was Sie geantwortet haben und auf welchen Wortlaut. Ihr Schlüssel ist nicht darin.",
    elsewhere: "Eine Quittung prüfen",
    promises: "Was Assent versprechen kann und was nicht",
    agreement: {
      title: "Verglichen mit dem, was dieser Browser behalten hat",
      comparing: "Wird verglichen …",
      first: (size) =>
        `Es gab nichts zu vergleichen: Das ist der erste Besuch mit diesem Browser. Von jetzt an behält er, wie das Protokoll steht (${size} ${size === 1 ? "Eintrag" : "Einträge"}) und was der Server Ihnen gegengezeichnet hat, und vergleicht bei jedem Besuch.`,
      same: (since, size) =>
        `Es stimmt mit dem überein, was dieser Browser seit ${since} behalten hat: Das Protokoll hat dieselben ${size} Einträge.`,
      grown: (since, from, size) =>
        `Es stimmt mit dem überein, was dieser Browser seit ${since} behalten hat: Das Protokoll ist von ${from} auf ${size} Einträge gewachsen, und die früheren sind unverändert.`,
      acknowledged: (count) =>
        count === 1
          ? "Die Gegenzeichnung, die er für Sie behalten hat, gilt: Was Sie unterschrieben haben, steht im Protokoll an der gegengezeichneten Stelle."
          : `Die ${count} Gegenzeichnungen, die er für Sie behalten hat, gelten: Was Sie unterschrieben haben, steht im Protokoll, jedes an der gegengezeichneten Stelle.`,
      notLookedAt:
        "Die Gegenzeichnungen wurden nicht angesehen, denn es gibt keine Quittung, die gilt.",
      notCompared: {
        unreachable:
          "Es wurde nicht mit dem verglichen, was dieser Browser behalten hat: Der Server hat nicht geantwortet.",
        withheld:
          "Es wurde nicht mit dem verglichen, was dieser Browser behalten hat: Der Server zeigt nicht, was dazu nötig ist. Das beweist nichts; aber ein Server, der in Ordnung ist, zeigt es.",
      },
      disagrees: "Das stimmt NICHT mit dem überein, was dieser Browser behalten hat.",
      disagreesWhat:
        "Was da war, wurde geändert oder entfernt, oder es wird ein anderes Protokoll gezeigt. Speichern Sie den Beleg und zeigen Sie ihn jemandem, dem Sie vertrauen.",
      codes: {
        otherLog:
          "Der Server führt ein anderes Protokoll als damals: unter anderem Namen oder mit anderem Schlüssel.",
        smaller: (from, size) =>
          `Das Protokoll ist kürzer geworden: Es hatte ${from} Einträge und hat ${size}.`,
        splitView: (size) =>
          `Das Protokoll hat wie zuvor ${size} Einträge, aber es sind nicht dieselben.`,
        notGrown: (from, size) =>
          `Das Protokoll hat ${size} Einträge, aber die ${from} von damals sind nicht die ersten davon.`,
        notOlder: (from, size) =>
          `Es wird ein Stand von ${size} Einträgen gezeigt, aus dem das Protokoll mit seinen ${from} Einträgen nicht gewachsen ist.`,
        missing: (what, signed) =>
          `${what} steht nicht darin, obwohl der Server dafür unterschrieben hat, an Stelle ${signed} im Protokoll.`,
        otherIndex: (what, signed, now) =>
          `${what} steht im Protokoll an Stelle ${now}; unterschrieben hatte der Server für Stelle ${signed}.`,
      },
      enrolment: "Was Sie beim Eintreten unterschrieben haben",
      numbered: (number) => `Ihre Antwort ${number}`,
      found: (when) => `Gefunden am ${when}.`,
      save: "Beleg speichern",
      saveWhat:
        "In der Datei steht, was damals unterschrieben wurde und was jetzt gezeigt wird. Ihr Schlüssel ist nicht darin und auch nicht Ihr Name; Ihre Antworten stehen als Prüfsummen darin.",
      notLasting: "Dieser Browser behält nichts länger, als die Seite offen ist.",
      forget: "Behaltenes vergessen",
      forgetWhat:
        "Dieser Browser vergisst dann, wie das Protokoll stand, was der Server Ihnen gegengezeichnet hat und was nicht übereinstimmte. Damit lässt sich nichts mehr vergleichen. Ihr Schlüssel und Ihre Antworten bleiben.",
      forgotten: "Es ist vergessen. Der nächste Besuch fängt neu an.",
      inMeeting:
        "Das Protokoll dieses Servers stimmt nicht mit dem überein, was dieser Browser behalten hat. Ihr persönlicher Link zeigt, was es ist.",
    },
    verify: {
      title: "Eine Quittung prüfen",
      lead: "Ob eine Quittung echt ist, kann hier jeder herausfinden. Die Datei bleibt in Ihrem Browser: es wird nichts gesendet.",
      choose: "Eine Quittung auswählen",
      drop: "Oder legen Sie die Datei hier ab. Ihr Name endet auf .assent-receipt.json.",
      pins: "Ich kenne die Schlüssel von anderswo",
      pinsHint:
        "Fingerabdrücke, die Sie nicht von dem haben, der Ihnen die Datei gab. Lassen Sie leer, was Sie nicht wissen.",
      badKey: "Das ist kein Fingerabdruck: er braucht 64 Ziffern und Buchstaben von a bis f.",
      unreadable: "Die Datei lässt sich nicht lesen.",
    },
    story: "Was sie beweist",
    storyHint: (log, size) => `Aus dem Protokoll ${log}, beim Stand von ${size} Einträgen.`,
    events: {
      notice: (version) => `Fassung ${version} des Hinweises wurde veröffentlicht.`,
      meeting: "Das Treffen wurde angelegt.",
      enrolled: "Die Person wurde gefragt und hat beim Eintreten unterschrieben.",
      admitted: "Die Person wurde eingelassen.",
      answered: (number, recording, training) =>
        `Antwort ${number}. Aufzeichnung: ${recording}. Trainingsdaten: ${training}.`,
      withdrawn: (number) => `Was Antwort ${number} zurücknimmt, wurde ausgeführt.`,
      carriedOut: "Was für die Person zurückgenommen wurde, wurde ausgeführt.",
      revoked: {
        training: (by) => `${by} hat das Ja der Person zum Training für sie zurückgenommen.`,
        recording: (by) =>
          `${by} hat das Ja der Person zur Aufzeichnung und zum Training für sie zurückgenommen.`,
        meeting: (by) => `${by} hat das ganze Treffen gelöscht.`,
      },
      host: "Der Schlüssel des Treffens weist die Person als Gastgeber aus.",
      armed: "Ein Gastgeber hat unterschrieben, ob aufgezeichnet werden soll.",
      removed: "Ein Gastgeber hat die Person entfernt.",
      opened: (number) => `Abschnitt ${number} der Aufzeichnung begann.`,
      closed: (number) => `Abschnitt ${number} der Aufzeichnung endete.`,
      ended: "Das Treffen war zu Ende.",
      released: (when) => `Alle hatten Ja gesagt; freigegeben ab ${when}.`,
      lost: (seconds) =>
        `${seconds} Sekunden der Aufzeichnung ließen sich nicht öffnen und wurden ausgelassen.`,
      exported: "Die Aufzeichnung wurde als Trainingsdaten herausgegeben.",
      erased: "Was von der Person aufgezeichnet war, wurde gelöscht.",
      adopted:
        "Der Tresor des Treffens, oder was er wusste, ging verloren. Seither nimmt ein anderer weg, was wegzunehmen ist; er kann die Aufzeichnung nie freigeben.",
      erasedAll: "Die Aufzeichnung wurde gelöscht.",
      destroyed: "Das Treffen wurde vernichtet.",
    },
  },
};
