// Français.

import type { Catalogue, Length } from "./en";

function personnes(count: number): string {
  return count <= 1 ? `${count} personne` : `${count} personnes`;
}

function inWords({ hours, minutes, seconds }: Length): string {
  const parts = [
    hours > 0 && `${hours} h`,
    minutes > 0 && `${minutes} min`,
    (seconds > 0 || (hours === 0 && minutes === 0)) && `${seconds} s`,
  ];
  return parts.filter(Boolean).join(" ");
}

export const fr: Catalogue = {
  language: "Français",

  common: {
    more: "Afficher plus",
    brand: "Assent",
    tagline: "Des réunions privées. Enregistrées seulement si chacun l'accepte.",
    close: "Fermer",
    cancel: "Annuler",
    copy: "Copier",
    copied: "Copié",
    yes: "Oui",
    no: "Non",
    loading: "Un instant…",
    again: "Réessayer",
    you: "vous",
    host: "Hôte",
    actors: {
      host: "L'hôte",
      administrator: "Un administrateur",
      operator: "L'exploitant du serveur",
    },
    languageChoice: "Langue",
    licences: "Licences",
    source: "Code source",
    runBy: (operator) => `Ce serveur est exploité par ${operator}`,
    contact: (contact) => `Contact : ${contact}`,
    skip: "Aller au contenu",
    people: personnes,
  },

  errors: {
    unreachable: "Le serveur est injoignable. Vérifiez votre connexion et réessayez.",
    "not-kept":
      "Ce navigateur n'a pas pu conserver votre clé ; vous n'avez donc pas rejoint la réunion. Libérez de la place ou prenez un autre navigateur, puis réessayez.",
    "not-understood":
      "Le serveur a répondu quelque chose que cette page ne comprend pas. Rechargez la page.",
    "already-enrolled": "Votre place dans cette réunion a été prise avec une autre clé.",
    "bad-origin":
      "Cette page a été ouverte à une adresse que le serveur ne reconnaît pas comme la sienne.",
    "bad-request": "Quelque chose dans la saisie ne peut pas être utilisé.",
    "bad-sdp":
      "Votre navigateur et le serveur n'ont pas pu s'entendre sur l'envoi du son et de l'image.",
    "bad-signature": "Une signature n'est pas valable.",
    "bad-statement":
      "Le serveur n'a pas accepté ce qui a été signé. Vérifiez l'heure de votre appareil.",
    "bad-token": "Ce lien n'est pas valable, ou ne l'est plus.",
    "database-unavailable":
      "Le serveur n'a pas accès à sa base de données pour le moment. Veuillez réessayer.",
    forbidden: "Vous n'avez pas le droit de faire cela.",
    internal: "Quelque chose s'est mal passé sur le serveur. C'est noté là-bas.",
    "log-unavailable":
      "Le journal public ne peut pas être montré en ce moment. Réessayez dans un instant.",
    "login-taken": "Cet identifiant est déjà utilisé. Choisissez-en un autre.",
    "media-unavailable":
      "Le son et l'image ne sont pas transmis en ce moment. Ils reviennent d'eux-mêmes.",
    "meeting-closed":
      "Personne ne peut entrer dans cette réunion pour le moment. Adressez-vous à qui vous a invité.",
    "meeting-full": "La réunion est complète.",
    "meeting-locked": "L'hôte a verrouillé la porte de cette réunion.",
    "meeting-not-found": "Cette réunion n'existe pas.",
    "meeting-over": "Cette réunion est terminée.",
    "method-not-allowed":
      "Cette page a interrogé le serveur d'une manière qu'il ne connaît pas. Rechargez la page.",
    "not-admitted": "Seules les personnes présentes dans la réunion peuvent faire cela.",
    "not-a-host": "La clé de cette réunion ne dit pas que vous en êtes l'hôte.",
    "stale-act": "Un autre hôte a été plus rapide. Regardez de nouveau.",
    "too-many-acts":
      "Trop de choses ont été faites dans cette réunion. On peut toujours l'arrêter.",
    "not-enrolled": "Votre place dans cette réunion n'est plus connue. Rechargez la page.",
    "not-found": "Cette page n'existe pas.",
    "not-recordable": "Cette réunion a été créée pour ne jamais être enregistrée.",
    "not-signed-in": "Veuillez vous connecter.",
    "not-watching": "L'enregistrement doit être ouvert à nouveau.",
    "export-settled":
      "C'est trop tard : cette exportation a été approuvée, refusée, retirée ou commencée, ou elle est caduque.",
    "own-export":
      "C'est une autre personne de l'administration qui approuve une exportation ou la refuse.",
    "no-administrator-asks":
      "La personne qui a demandé cette exportation n'administre plus ce serveur.",
    "too-many-exports":
      "Trop d'exportations attendent déjà. Il faut d'abord en approuver, en refuser ou en retirer.",
    "too-many-meetings":
      "Plus de réunions que n'en contient un jeu de données. Choisissez leurs jours.",
    "nothing-to-export": "Aucune réunion n'est prête à être exportée.",
    "not-exported": "Il n'y a pas de jeu de données de cette exportation à télécharger.",
    "downloads-off":
      "Les jeux de données ne sont pas remis ici : le réglage export_downloads vaut 0.",
    "too-many-downloads":
      "Trop de téléchargements attendent ou sont en cours. Certains doivent d'abord se terminer.",
    "download-over": "Ce téléchargement est terminé, ou il a déjà été décidé à son sujet.",
    "not-dead": "L'exportation de cette réunion n'a pas échoué.",
    "bad-notice": "Ces mots ne peuvent pas figurer dans la notice.",
    "notice-unchanged": "Ces mots sont déjà en vigueur.",
    "notice-outdated":
      "Une autre version a été publiée entre-temps. Affichez de nouveau l'aperçu de la vôtre.",
    "notice-not-in-force":
      "Les mots ont changé depuis qu'on vous a posé la question. Rechargez la page pour les voir.",
    "rate-limited": "Trop de tentatives. Attendez un moment et réessayez.",
    "meeting-deleted":
      "Cette réunion a été supprimée, et avec elle tout ce qui disait qui y était.",
    "receipt-erased":
      "La réunion a été détruite, et avec elle ce dont les reçus sont faits. Gardez le reçu que vous avez téléchargé.",
    removed: "L'hôte vous a retiré de cette réunion.",
    replaced: "Vous avez rejoint la réunion depuis un autre endroit.",
    "stale-statement":
      "Vous avez répondu ailleurs entre-temps. Ce que vous voyez maintenant est votre dernière réponse ; veuillez répondre à nouveau.",
    "storage-unavailable": "L'enregistrement ne peut pas être stocké en ce moment.",
    "try-again":
      "Votre réponse n'a pas pu être conservée pour l'instant. Elle est renvoyée jusqu'à ce qu'elle le soit.",
    "too-large": "Ce qui a été envoyé est trop grand.",
    "mode-not-offered": "Ce serveur ne peut pas tenir de réunions de ce genre.",
    "other-terms": "Les conditions de ce serveur viennent de changer. Réessayez.",
    "vault-unavailable":
      "Le coffre qui garde les clés n'est pas encore prêt. Réessayez dans un instant.",
    "weak-password": "Un mot de passe a besoin d'au moins 12 caractères.",
    "wrong-credentials": "Identifiant ou mot de passe incorrect.",
  },

  broken: {
    title: "Quelque chose s'est mal passé",
    body: "Cette page a rencontré un problème inattendu. Rien de ce que vous avez répondu n'est perdu.",
    reload: "Recharger",
  },

  notFound: {
    title: "Il n'y a rien ici",
    body: "L'adresse est peut-être incomplète. Vérifiez le lien que vous avez reçu.",
    start: "Aller à la page d'accueil",
  },

  links: {
    "cut-off":
      "Ce lien a été coupé en chemin : il en manque la fin. Demandez le lien entier ou copiez-le de nouveau.",
    altered:
      "Quelque chose a été ajouté à ce lien ou modifié, et l'on ne sait plus quel lien c'était. Copiez-le de nouveau, du début à la fin.",
    sent: "Le # de ce lien a été remplacé en chemin : votre navigateur a donc dû envoyer votre clé au serveur avec l'adresse. Assent ne l'y utilise ni ne la journalise, mais un proxy placé devant a pu le faire. Utilisez désormais le lien affiché sur cette page.",
  },

  unsupported: {
    webrtc:
      "Ce navigateur n'a pas WebRTC, dont le son et l'image ont besoin. Utilisez une version actuelle de Chrome, Edge, Firefox ou Safari.",
    insecure:
      "Les navigateurs ne donnent caméra, microphone et clés qu'aux pages ouvertes en https:// (ou sur localhost). Demandez son adresse https à celui qui exploite ce serveur.",
    sending: {
      "passed-by":
        "Ce navigateur n'a pas chiffré ce qu'il devait envoyer. Plus rien n'est donc envoyé d'ici : ni son ni image. Utilisez un autre navigateur, ou une version plus récente de celui-ci.",
      uncounted:
        "Ce navigateur ne dit pas ce qu'il envoie, et personne ne peut voir si c'est chiffré. Plus rien n'est envoyé d'ici : ni son ni image. Utilisez un autre navigateur.",
      failed:
        "Le chiffrement de ce qui est envoyé ici a échoué, et cela n'est plus envoyé. Rechargez la page pour envoyer de nouveau.",
    },
  },

  signIn: {
    title: "Se connecter",
    intro:
      "Hôtes et administrateurs se connectent ici. Les invités n'ont pas besoin de compte : ils ouvrent le lien de leur réunion.",
    login: "Identifiant",
    password: "Mot de passe",
    submit: "Se connecter",
    signOut: "Se déconnecter",
  },

  invitation: {
    title: "Créer votre compte",
    forHost: "Vous êtes invité à organiser des réunions sur ce serveur.",
    forAdministrator: "Vous êtes invité à administrer ce serveur.",
    until: (when) => `L'invitation vaut une fois, jusqu'au ${when}.`,
    name: "Votre nom",
    login: "Identifiant",
    loginHint: "Par exemple votre adresse e-mail. Sans espaces.",
    password: "Mot de passe",
    passwordHint: "Au moins 12 caractères. Quelques mots pris au hasard se retiennent facilement.",
    submit: "Créer le compte",
    invalid:
      "Cette invitation a été utilisée, a expiré ou est incomplète. Demandez-en une nouvelle.",
  },

  password: {
    weak: {
      short: "Un mot de passe a besoin d'au moins 12 caractères.",
      common:
        "Ce mot de passe est de ceux que l'on essaie en premier, ou se compose de mots courants, de touches ou de chiffres qui se suivent. Quelques mots pris au hasard valent mieux.",
      personal:
        "Ce mot de passe se compose de votre identifiant, de votre nom ou du nom de ce serveur. C'est ce que d'autres essaieraient en premier.",
    },
    title: "Choisir un nouveau mot de passe",
    of: "Ceci fixe le mot de passe de",
    until: (when) => `Le lien sert une seule fois, jusqu'au ${when}.`,
    password: "Nouveau mot de passe",
    submit: "Enregistrer le mot de passe",
    invalid: "Ce lien a déjà servi, a expiré ou est incomplet. Demandez-en un nouveau.",
  },

  start: {
    title: "Réunions",
    newMeeting: "Nouvelle réunion",
    name: "Nom de la réunion",
    recording: "Enregistrement",
    recordingOffered: "On peut demander aux personnes d'accepter un enregistrement",
    recordingNever: "Cette réunion ne pourra jamais être enregistrée",
    training: "Données d'entraînement",
    trainingOffered:
      "On peut aussi leur demander de livrer l'enregistrement comme donnée d'entraînement",
    trainingNever: "L'enregistrement ne pourra jamais devenir une donnée d'entraînement",
    fixed: "Ce qui n'est pas proposé maintenant ne pourra jamais l'être pour cette réunion.",
    waitingRoom: "Salle d'attente : je fais entrer les personnes une par une",
    lifetime: "Le lien fonctionne pendant",
    hours: (hours) => (hours === 1 ? "1 heure" : `${hours} heures`),
    days: (days) => (days === 1 ? "1 jour" : `${days} jours`),
    create: "Créer la réunion",
    created: "Votre réunion est prête",
    link: "Lien d'invitation",
    linkHint: "Quiconque a ce lien peut entrer. Ne l'envoyez qu'aux personnes que vous invitez.",
    copyLink: "Copier le lien",
    calendar: "Fichier d'agenda",
    open: "Ouvrir la réunion",
    mine: "Mes réunions",
    none: "Vous n'avez pas encore de réunions.",
    newLink: "Nouveau lien",
    newLinkConfirm:
      "Créer un nouveau lien ? L'ancien cesse aussitôt de fonctionner, même pour les personnes qui l'ont reçu et ne sont pas encore venues. Les personnes présentes restent.",
    linkElsewhere:
      "Cette réunion a été créée dans un autre navigateur, ou son lien n'est plus conservé ici. Le serveur n'a pas ce lien ; il ne peut donc pas être affiché ici.",
    newLinkExplained: "L'ancien lien cesse de fonctionner. Les personnes présentes restent.",
    end: "Terminer la réunion",
    endConfirm: (title) =>
      `Terminer « ${title} » pour tout le monde ? Elle ne pourra pas être rouverte.`,
    state: {
      planned: "Pas commencée",
      running: "En cours",
      ended: "Terminée",
      expired: "Lien expiré",
    },
    offered: {
      none: "Jamais enregistrée",
      recording: "L'enregistrement peut être demandé",
      training: "Enregistrement et entraînement peuvent être demandés",
    },
    since: (when) => `depuis ${when}`,
    until: (when) => `jusqu'au ${when}`,
    endedAt: (when) => `terminée ${when}`,
    console: "Administration",
    signedInAs: (name) => `Connecté en tant que ${name}`,
  },

  door: {
    entering: "La porte s'ouvre…",
    incompleteLink:
      "Ce lien est incomplet : il manque la partie après #. Demandez le lien entier à l'hôte.",
    otherRoom:
      "Ce lien mène à une autre salle que celle que montre le serveur. N'entrez pas ; redemandez le lien à l'hôte et prévenez-le.",
    widerCharter:
      "Le serveur veut faire dans cette réunion plus que son lien ne permet. N'entrez pas ; prévenez l'hôte.",
    untrue:
      "Ce que le serveur dit de cette réunion ne concorde pas. N'entrez pas ; prévenez l'hôte.",
    noEntrance: "Vous ne pouvez pas entrer dans cette réunion",
    preview: "Vous, tel que les autres vous verraient",
    staysHere: "Vous seul voyez ceci. Rien n'est envoyé avant que vous n'entriez.",
    level: "Niveau du microphone",
    devices: "Appareils",
    microphone: "Microphone",
    camera: "Caméra",
    systemDefault: "Par défaut",
    testSound: "Jouer un son",
    cleanSound: "Retirer le bruit et l'écho",
    name: "Votre nom",
    nameHint: "Les autres personnes de la réunion le voient.",
    nameMissing: "Veuillez saisir votre nom.",
    questions: "Avant d'entrer",
    questionsIntro:
      "Vous pouvez entrer sans répondre. Quoi que vous répondiez, la réunion est la même pour vous.",
    never: "Cette réunion a été créée pour ne jamais être enregistrée. Il n'y a rien à accepter.",
    notice: "Lire la notice complète",
    noticeTitle: "La notice complète",
    noticeOtherLanguage: (language) =>
      `Cette notice n'existe pas dans votre langue. Elle est affichée en ${language}.`,
    change: "Vous pouvez changer cela à tout moment.",
    join: "Entrer",
    ask: "Demander à entrer",
    returnTo: "Revenir dans la réunion",
    joining: "Entrée en cours…",
    waiting: "Vous avez demandé à entrer. L'hôte le verra.",
    waitingTitle: "En attente de l'hôte",
    giveUp: "Partir",
    welcomeBack: (name) =>
      `Bon retour, ${name}. On vous connaît ici : votre nom et vos réponses sont gardés.`,
    mute: "Couper le micro",
    unmute: "Ouvrir le micro",
    cameraOn: "Allumer la caméra",
    cameraOff: "Éteindre la caméra",
    cameraIsOff: "Votre caméra est éteinte",
  },

  devices: {
    microphone: {
      refused:
        "Votre navigateur n'autorise pas le microphone. Autorisez-le à côté de la barre d'adresse, puis réessayez. Sans lui, vous pouvez écouter.",
      "in-use": "Un autre programme utilise votre microphone. Fermez-le, puis réessayez.",
      none: "Aucun microphone trouvé. Vous pouvez participer et écouter.",
      gone: "Votre microphone a été débranché.",
      insecure:
        "Les navigateurs ne donnent le microphone qu'aux pages https. Sans lui, vous pouvez écouter.",
      other: "Votre microphone n'a pas pu être démarré.",
    },
    camera: {
      refused:
        "Votre navigateur n'autorise pas la caméra. Autorisez-la à côté de la barre d'adresse, puis réessayez. Vous pouvez aussi participer sans elle.",
      "in-use": "Un autre programme utilise votre caméra. Fermez-le, puis réessayez.",
      none: "Aucune caméra trouvée. Vous pouvez participer sans elle.",
      gone: "Votre caméra a été débranchée.",
      insecure:
        "Les navigateurs ne donnent la caméra qu'aux pages https. Vous pouvez participer sans elle.",
      other: "Votre caméra n'a pas pu être démarrée.",
    },
  },

  deviceNotes: {
    microphone: {
      silenced:
        "Votre micro ne donne aucun son : votre système, un bouton du micro ou du casque l'a coupé. Les autres vous voient en sourdine. Réactivez-le à cet endroit.",
      theirs: (name: string) =>
        `On n'entend rien de ${name} : son système ou un bouton de son appareil a coupé le micro. Prévenez cette personne, par un signe par exemple.`,
      "not-there": "Le dernier micro choisi n'est pas branché. Un autre est utilisé.",
      "not-changed":
        "Le micro choisi ne peut pas être utilisé maintenant. Le précédent reste utilisé.",
    },
    camera: {
      silenced:
        "Votre caméra ne donne aucune image : votre système, un cache ou un bouton la retient. Les autres ne voient pas d'image. Rouvrez-la à cet endroit.",
      theirs: (name: string) =>
        `La caméra de ${name} ne donne aucune image : son système, un cache ou un bouton la retient. Prévenez cette personne.`,
      "not-there": "La dernière caméra choisie n'est pas branchée. Une autre est utilisée.",
      "not-changed":
        "La caméra choisie ne peut pas être utilisée maintenant. La précédente reste utilisée.",
    },
    speaker: {
      label: "Haut-parleur",
      missed:
        "Le haut-parleur choisi n'est pas là ou ne peut pas être utilisé maintenant. Le son sort d'un autre.",
    },
  },

  consent: {
    recording: {
      question: "Cette réunion peut-elle être enregistrée pendant que vous y êtes ?",
      short: "Enregistrement",
      yes: "Elle est enregistrée tant que toutes les personnes présentes ont dit oui. Celles qui étaient là peuvent la regarder ensuite.",
      no: "Rien n'est enregistré pendant que vous êtes dans la réunion.",
    },
    training: {
      question:
        "L'enregistrement peut-il devenir une donnée d'entraînement pour l'apprentissage automatique ?",
      short: "Données d'entraînement",
      yes: "Votre navigateur remet votre clé. L'enregistrement ne peut être livré que lorsque toutes les personnes qui ont été dans la réunion ont remis la leur.",
      no: "L'enregistrement ne pourra jamais être ouvert pour l'entraînement.",
      later: "Vous pouvez aussi répondre plus tard, après avoir regardé l'enregistrement.",
      needsRecording:
        "Un oui à l'entraînement demande aussi un oui à l'enregistrement. Répondez oui à la première question si c'est ce que vous voulez.",
      noKey:
        "Le coffre n'a pas de clé pour cette réunion en ce moment, un oui ne peut donc pas être donné. Soit elle est en préparation, soit quelqu'un a repris son oui et elle a été détruite.",
    },
    clear: "Effacer ma réponse",
    othersHidden:
      "On ne dit pas aux autres qui a dit non. Dans une petite réunion, ils peuvent parfois le deviner.",
    othersShown: "Ce serveur montre aux autres personnes de la réunion qui a accepté.",
    will: {
      unanswered: "Sans réponse",
      yes: "Oui",
      no: "Non",
      withdrawn: "Repris",
    },
    counts: "Compte comme un non.",
    send: "Envoyer mes réponses",
    sending: "Envoi…",
    notTaken: "Pas encore pris en compte.",
    notTakenWhat:
      "Le serveur n'a pas pu l'enregistrer. C'est renvoyé jusqu'à ce qu'il l'ait pris en compte. Gardez cette page ouverte, ou revenez-y dans ce navigateur.",
    sent: "Vos réponses ont été envoyées.",
    withdrawRecording: "Reprendre mon oui à l'enregistrement",
    withdrawTraining: "Reprendre mon oui à l'entraînement",
    againRecording: "Dire à nouveau oui à l'enregistrement",
    withdrawnTraining:
      "Vous avez repris votre oui. La clé est détruite : on ne peut plus répondre à cette question pour cette réunion.",
    withdrawnRecording: "Vous avez repris votre oui. Ce qui a été enregistré de vous est supprimé.",
    confirmTitle: "Reprendre votre oui ?",
    confirmRecording:
      "L'enregistrement s'arrête aussitôt, et ce qui a été enregistré de vous est supprimé. L'enregistrement des autres reste à eux.",
    confirmTraining:
      "Rien de cette réunion ne sera livré comme donnée d'entraînement. La clé qu'il faut pour cela est détruite, définitivement.",
    cannotUndo:
      "Ce que cela ne peut pas défaire : les enregistrements déjà exportés, les programmes qui en ont déjà appris, et les copies faites par des personnes qui avaient le droit de regarder.",
    confirm: "Reprendre mon oui",
    keep: "Garder ma réponse",
    onlyWithRecording: "Cela reprend aussi votre oui à l'entraînement.",
    nothingOffered: "Rien n'est demandé dans cette réunion : elle ne peut jamais être enregistrée.",
    trainingNotOffered: "L'entraînement n'est pas demandé dans cette réunion et ne le sera jamais.",
  },

  receiptLink: {
    title: "Votre lien personnel",
    label: "Lien personnel",
    why: "Gardez ce lien. Avec lui, vous pouvez voir vos réponses, les changer ou les reprendre, et accepter l'entraînement plus tard, sans compte. C'est une clé : personne d'autre ne devrait l'avoir.",
    lost: "Si vous le perdez et que ce navigateur oublie la réunion, vous ne pourrez plus rien faire de tout cela par vous-même. Le serveur ne l'a pas.",
    copy: "Copier le lien personnel",
    banner:
      "Gardez votre lien personnel : avec lui, vous pouvez voir, changer et reprendre vos réponses plus tard, sans compte. C'est une clé, pour vous seul.",
    notKept:
      "Ce navigateur ne garde rien : à la fermeture de cette page, votre clé disparaît. Copiez d'abord le lien.",
    bannerCopy: "Copier mon lien",
    bannerDone: "C'est fait",
    open: "Ouvrir mon reçu",
  },

  meeting: {
    main: "Réunion",
    controls: "Commandes",
    messages: "Annonces",
    capture: {
      off: "Pas d'enregistrement",
      paused: "En pause : tout le monde n'a pas accepté",
      recording: "Enregistrement en cours",
      unknown: "Inconnu : reconnexion",
    },
    never: "Jamais enregistrée",
    agreed: (agreed, present) => `${agreed} sur ${present} ont accepté`,
    allAgreed: "tout le monde a accepté",
    notAllAgreed: "tout le monde n'a pas accepté",
    stateButton: (state, count) => `${state} · ${count}`,
    mute: "Couper le micro",
    unmute: "Ouvrir le micro",
    cameraOn: "Allumer la caméra",
    cameraOff: "Éteindre la caméra",
    share: "Partager l'écran",
    stopSharing: "Arrêter le partage",
    peopleButton: (count) => `Personnes (${count})`,
    answers: "Mes réponses",
    leave: "Partir",
    startRecording: "Démarrer l'enregistrement",
    stopRecording: "Arrêter l'enregistrement",
    startHint: "N'enregistre que tant que chacun a accepté.",
    shortcuts: "Raccourcis clavier",
    useShortcuts: "Utiliser des touches seules comme raccourcis",
    shortcutList: {
      M: "Couper ou ouvrir le micro",
      V: "Caméra allumée ou éteinte",
      P: "Personnes",
      A: "Mes réponses",
      D: "Appareils",
      "?": "Cette liste",
    },
    tile: (name) => name,
    yourTile: (name) => `${name} (vous)`,
    screenOf: (name) => `Écran de ${name}`,
    muted: "Micro coupé",
    notBrought: "Pas venu par l'invitation",
    mutedBySystem: "Coupé par le système",
    darkenedBySystem: "Image retenue par le système",
    away: "Connexion perdue",
    empty: "Vous êtes seul ici.",
    emptyHint: "Les autres apparaîtront ici en entrant.",
    soundBlocked: "Votre navigateur garde cette page muette tant que vous n'avez pas cliqué.",
    soundOn: "Activer le son",
    reconnecting: "Connexion perdue. Reconnexion…",
    mediaTrouble:
      "Le son et l'image sont en cours de reconnexion… Si cela dure, votre réseau ne les laisse peut-être pas passer.",
    weakConnection:
      "Votre connexion est faible. Le son passe d'abord ; les images peuvent être plus petites ou s'arrêter.",
    noRoom:
      "Le disque du serveur est presque plein. Rien n'est enregistré, afin qu'il reste de la place pour ce que chacun dit et retire.",
    storageTrouble: "L'enregistrement ne peut pas être stocké : rien n'est donc enregistré.",
    overloaded:
      "Le serveur n'a pas pu suivre ce qui devait être enregistré. Rien n'est enregistré ; cela reprend de soi-même.",
    unsigned: {
      title: "Signé par aucun hôte",
      armed:
        "Le serveur dit que cette réunion est enregistrée, ou peut l'être. Aucun hôte ne l'a signé.",
      untrue: "Le serveur montre, au nom d'un hôte, ce qu'aucun hôte n'a signé.",
      silenced:
        "Votre micro, votre caméra et votre écran ont été coupés. Ce que vous rallumez sera peut-être enregistré.",
    },
    disputed: (count) =>
      `${count === 1 ? "Le navigateur d'une personne signale" : `Les navigateurs de ${personnes(count)} signalent`} que cet enregistrement n'est pas ce qui y a été montré. Demandez ce que dit l'avertissement.`,
    answerRefused:
      "Votre réponse n'a pas pu être envoyée : elle compte comme sans réponse. Ouvrez « Mes réponses » et répondez à nouveau.",
    asked: "L'hôte demande encore une fois à tout le monde si la réunion peut être enregistrée.",
    askedOpen: "Répondre",
    notNow: "Pas maintenant",
    ghostTitle: "Attention : cet enregistrement n'est pas ce qu'on vous a montré",
    ghostWhat:
      "L'enregistrement qui vient de commencer peut être ouvert par quelqu'un, ou avec des clés, qu'on ne vous a pas montrés. Dites-le aux autres. Vous pouvez reprendre votre oui, ou partir.",
    ghost: {
      "bad-document":
        "La liste du serveur, qui dit pour qui l'enregistrement est fait, ne peut pas être lue.",
      "other-meeting": "Elle a été préparée pour une autre réunion, notice ou coffre.",
      "broken-chain": "Elle ne suit pas le passage précédent.",
      stranger: "Il peut être ouvert par quelqu'un qu'on ne vous a pas montré.",
      missing: "Quelqu'un qui est ici ne figure pas sur sa liste.",
      "wrong-keys": "Elle nomme d'autres clés que celles avec lesquelles on est venu.",
    },
    checked: (count) =>
      `Vérifié par votre navigateur : ${personnes(count)} ${count <= 1 ? "peut" : "peuvent"} regarder ce passage, et on vous les a toutes montrées.`,
    announce: {
      "recording-started": "L'enregistrement a commencé.",
      "recording-paused": "L'enregistrement est en pause : tout le monde n'a pas accepté.",
      "recording-stopped": "L'enregistrement s'est arrêté.",
      joined: (name) => `${name} est entré.`,
      left: (name) => `${name} est parti.`,
      waiting: (name) => `${name} demande à entrer.`,
      muted: "Votre micro est coupé.",
      unmuted: "Votre micro est ouvert.",
    },
  },

  device: {
    title: "Utiliser une autre caméra",
    what: "Une caméra, un encodeur comme OBS ou un système de salle peut participer à votre place : il envoie son image et son son à côté des vôtres, ou montre les autres sur un écran.",
    covered:
      "Pour tout le monde, c’est vous. Ce que vous avez répondu sur l’enregistrement et l’entraînement vaut aussi pour lui, et il s’arrête quand vous partez.",
    draw: "Afficher l’adresse et le jeton",
    drawAgain: "Créer un nouveau jeton",
    again: "Un nouveau jeton met fin au précédent et à l’appareil qui l’utilise.",
    drawn: "L’adresse et le jeton sont affichés.",
    end: "Arrêter l’appareil",
    endConfirm:
      "Arrêter l'appareil ? Il cesse aussitôt d'envoyer et de montrer. Pour s'en servir à nouveau, il faut un nouveau jeton.",
    ended: "L’appareil est arrêté.",
    access: "Ce qu’il faut à l’appareil",
    whip: "Adresse d’envoi (WHIP)",
    copyWhip: "Copier l’adresse d’envoi",
    token: "Jeton (bearer token)",
    copyToken: "Copier le jeton",
    secret: (until: string) =>
      `Qui possède le jeton est vous dans cette réunion : ne le donnez à personne. Il n’est affiché qu’ici et que maintenant, et reste valable jusqu’au ${until}.`,
    whep: "Adresse de visionnage (WHEP)",
    copyWhep: "Copier l’adresse de visionnage",
    whepHint: "Avec le même jeton, pour un écran qui montre les autres.",
    elsewhere:
      "Un jeton a été créé avant l’ouverture de cette page. Il n’est plus affiché ; créez-en un nouveau si nécessaire.",
    state: "Votre appareil",
    awaited: "Aucun appareil ne s’est encore connecté.",
    does: {
      whip: "Un appareil est connecté et envoie en votre nom.",
      whep: "Un appareil est connecté et montre les autres.",
    },
  },

  people: {
    title: "Personnes",
    recorder: "Enregistreur",
    recorderExplained: "Conserve cette réunion, chiffrée, tant que chacun l'accepte.",
    notBrought:
      "Pas venu par votre lien d'invitation : n'importe qui peut se cacher derrière ce nom.",
    nameless: "Le nom que donne le serveur n'est pas celui que cette personne a signé.",
    withoutLink:
      "Ce navigateur n'a pas le lien d'invitation de cette réunion. Il ne peut donc pas dire qui est venu par ce lien, et on dit aux autres que vous n'êtes pas venu par lui.",
    absentHost: "N'est pas ici, et peut tout de même regarder ce qui est enregistré.",
    agreed: "A accepté l'enregistrement",
    notAgreed: "N'a pas accepté",
    waiting: "Attendent d'entrer",
    doubts: {
      removed: "Un hôte a exclu cette personne. Le serveur la montre malgré tout.",
      "not-certified": "Hôte selon le seul serveur : la clé de cette réunion ne le dit pas.",
      "not-admitted": "Aucun hôte n'a signé que cette personne pouvait entrer.",
    },
    certify: (name) => `Confirmer ${name} comme hôte`,
    certifyShort: "Confirmer comme hôte",
    uncertified:
      "Vous êtes hôte selon le seul serveur : la clé de cette réunion est dans le navigateur où elle a été créée. Ici, vous pouvez arrêter l'enregistrement, refuser l'entrée, verrouiller la porte et terminer la réunion. Pour enregistrer, faire entrer ou exclure, utilisez ce navigateur-là, ou faites-vous confirmer depuis celui-ci.",
    admit: (name) => `Faire entrer ${name}`,
    deny: (name) => `Refuser ${name}`,
    admitShort: "Faire entrer",
    denyShort: "Refuser",
    remove: (name) => `Retirer ${name}`,
    removeConfirm: (name) =>
      `Retirer ${name} de cette réunion ? La personne sort aussitôt. Le lien qu'elle a reste valable : désormais, c'est vous qui faites entrer toute nouvelle personne.`,
    removeShort: "Retirer",
    hostTitle: "Pour l'hôte",
    lock: "Verrouiller la réunion",
    unlock: "Déverrouiller la réunion",
    locked: "Verrouillée : personne d'autre ne peut entrer.",
    askAgain: "Demander à nouveau à tous",
    askAgainHint:
      "Va à tout le monde pareillement. On ne vous montre pas qui n'a pas accepté ; dans une petite réunion, vous pouvez parfois le deviner.",
    askedDone: "La question a été posée à tout le monde.",
    endForAll: "Terminer pour tous",
    endConfirm: "Terminer la réunion pour tout le monde ? Elle ne pourra pas être rouverte.",
    copyLink: "Copier le lien d'invitation",
  },

  left: {
    titles: {
      left: "Vous avez quitté la réunion",
      removed: "L'hôte vous a retiré de cette réunion",
      denied: "L'hôte ne vous a pas fait entrer",
      ended: "La réunion est terminée",
      expired: "Le temps de la réunion est écoulé",
      replaced: "Vous êtes entré depuis une autre fenêtre",
      restarting: "Le serveur redémarre",
      crowded: "Trop de personnes veulent entrer",
    },
    refused: "Vous n'êtes plus dans la réunion",
    again: "Entrer à nouveau",
    askAgain: "Demander à nouveau",
    here: "Utiliser plutôt cette fenêtre",
    asNew: "Oublier ma place ici",
    asNewConfirm:
      "Oublier la place ici et en prendre une nouvelle ? Vous entrez comme une nouvelle personne, et nul ne peut redonner les réponses de la précédente. Sa clé reste dans ce navigateur et son lien personnel continue de fonctionner.",
    asNewExplained:
      "Le serveur ne connaît plus la place de ce navigateur dans la réunion. Gardez votre lien personnel, s'il y en a un ; puis oubliez la place ici, et ouvrez à nouveau le lien d'invitation.",
  },

  receipt: {
    title: "Votre reçu",
    of: (title) => `pour « ${title} »`,
    incomplete:
      "Ce lien est incomplet, et ce navigateur ne connaît pas la réunion. Ouvrez le lien personnel en entier.",
    invalid: "La clé de ce lien ne peut pas être lue. Vérifiez que le lien est complet.",
    unknown: "Le serveur n'a rien de celui qui détient ce lien.",
    untrue:
      "Ce que le serveur détient ne correspond pas à la clé de ce lien. Cela a été modifié, ou appartient à quelqu'un d'autre. Ne vous y fiez pas.",
    checking: "Vérification des signatures…",
    checked: "Vérifié à l'instant dans votre navigateur",
    checkedWhat: (answers) =>
      answers === 0
        ? "Votre inscription est signée avec votre clé. Vous n'avez répondu à rien."
        : `Votre inscription et ${answers === 1 ? "votre réponse" : `vos ${answers} réponses`} sont signées avec votre clé, et aucune ne manque entre elles.`,
    meeting: "La réunion",
    started: (when) => `Début : ${when}`,
    ended: (when) => `Fin : ${when}`,
    notStarted: "N'a pas commencé",
    running: "Toujours en cours",
    stretches: (count) =>
      count === 0
        ? "Rien n'a été enregistré."
        : count === 1
          ? "1 passage a été enregistré."
          : `${count} passages ont été enregistrés.`,
    now: "Mes réponses maintenant",
    formerKeys: "Vos autres clés",
    formerKeysWhat:
      "Vous êtes venu plusieurs fois dans cette réunion depuis ce navigateur. Chaque fois a ses propres réponses ; ouvrez-les pour les voir et les modifier.",
    history: "Ce que j'ai répondu, et quand",
    none: "Vous n'avez répondu à rien.",
    when: "Quand",
    words: "Mots",
    readWords: (language) => `Lire les mots (${language})`,
    wordsTitle: "Les mots auxquels cette réponse est liée",
    released: "Données d'entraînement : ce que devient l'enregistrement",
    release: {
      none: "Rien ne va être livré. L'enregistrement reste chiffré.",
      cooling: (when) =>
        `Tout le monde a dit oui. Il sera livré ${when}. Tant qu'il n'est pas exporté, vous pouvez encore reprendre votre oui.`,
      ready:
        "Tout le monde a dit oui. L'enregistrement est prêt à être exporté. Vous pouvez encore reprendre votre oui.",
      claimed: "L'enregistrement est en cours d'exportation.",
      exported:
        "L'enregistrement a été exporté comme donnée d'entraînement. Reprendre son oui ne peut pas défaire cela. Cela le tient à l'écart de tout autre jeu de données.",
      dropped: "La livraison a été arrêtée. Rien n'en sera exporté.",
    },
    dataSet: {
      title: "Remise dans un jeu de données",
      givenTo: (recipient: string, purpose: string) => `Remis à ${recipient}, pour ${purpose}.`,
      before:
        "À qui il a été remis, et pour quoi, n'est consigné nulle part : il a été exporté avant que cela ne soit noté.",
      nobodySaid: "Qui l'a fait exporter n'a pas dit à qui il est remis, ni pour quoi.",
      fromLog: "C'est ce que dit le journal. Cela a été vérifié ici, avec votre preuve.",
      fromServer:
        "Pour l'instant, seul le serveur le dit. Cela n'a pas été vérifié dans le journal.",
      differs:
        "Le serveur dit autre chose de ce jeu de données que le journal. Ce que vous voyez ici est ce que dit le journal.",
      recall: "Rappelée",
      recalled: (when: string) =>
        `Rappelée le ${when} : quiconque a le jeu de données doit en retirer cette réunion.`,
      reasons: {
        withdrawn: "Quelqu'un a repris son oui.",
        revoked: "Il a été repris pour quelqu'un.",
        deleted: "La réunion a été supprimée.",
      },
      recallSigned: "Le coffre a signé ce rappel. La signature a été vérifiée ici.",
      recallUntrue:
        "Le serveur montre un rappel de cette réunion que son coffre n'a pas signé. Il ne prouve rien.",
      recallAwaited:
        "Quelque chose a été repris après l'exportation. Aucun rappel n'est encore publié.",
      fetched: (first: string, last: string) =>
        `Seul le serveur le dit : le rappel a été retiré pour la première fois le ${first}, et pour la dernière vers le ${last}. Il ne garde pas par qui. Cela ne montre pas que quoi que ce soit a été effacé.`,
      notFetched: "Seul le serveur le dit : personne n'a encore retiré le rappel.",
    },
    notOffered: "L'entraînement n'était pas proposé dans cette réunion et ne le sera jamais.",
    proof: "Preuve",
    person: "Votre identifiant dans cette réunion",
    vault: "Empreinte du coffre",
    server: "Empreinte du serveur",
    charter: "Condensé de ce qui pouvait être demandé",
    build: "Condensé du client qui vous a posé la question",
  },

  watching: {
    title: "L'enregistrement",
    opening: "Ouverture de l'enregistrement…",
    watch: "Regarder",
    summary: (length, stretches) =>
      `${inWords(length)} en ${stretches === 1 ? "un passage" : `${stretches} passages`}.`,
    others: (count) =>
      count === 1
        ? "Un autre passage a été enregistré sans vous. Vous ne pouvez pas l'ouvrir."
        : `${count} autres passages ont été enregistrés sans vous. Vous ne pouvez pas les ouvrir.`,
    notYet: "Il n'y a encore rien à regarder. Un passage peut être regardé quand il est clos.",
    nothingForYou:
      "Il n'y a pas de passage que vous puissiez ouvrir : rien n'a été enregistré pendant que vous étiez là.",
    stillRecording: "Enregistrement encore en cours",
    destroyedAt: (when) => `L'enregistrement et ses clés ont été détruits ${when}.`,
    cannotPlay:
      "Ce navigateur ne peut pas lire ce qui est enregistré. Ouvrez votre lien dans une version actuelle de Chrome, Edge, Firefox ou Safari.",
    openedHere: (until) =>
      `Il est déchiffré dans ce navigateur, avec la clé de votre lien. Le serveur ne peut pas l'ouvrir. Il est gardé au plus tard jusqu'au ${until}.`,
    trouble: {
      unreachable: "Le serveur est injoignable. La lecture continue dès qu'il répond.",
      untrue:
        "Une partie de l'enregistrement ne correspond pas à ce qui a été signé. Elle a été modifiée ou vient d'ailleurs, et n'est pas montrée.",
      destroyed: "Les clés de cet enregistrement ont été détruites. Il ne peut plus être ouvert.",
      unplayable: "Ce navigateur n'a pas pu lire l'enregistrement.",
    },
    damaged: (count) =>
      count === 1
        ? "Un morceau ne correspond pas à ce qui a été signé, et a été laissé de côté."
        : `${count} morceaux ne correspondent pas à ce qui a été signé, et ont été laissés de côté.`,
    someDeleted: (count) =>
      count === 1
        ? "Une personne a fait supprimer sa part."
        : `${count} personnes ont fait supprimer leur part.`,
    partDeleted: "Supprimé à sa demande",
    nameless: "Quelqu'un",
    region: "Lecteur de l'enregistrement",
    everyone: "Toutes les personnes de l'enregistrement",
    large: (name) => `Montrer ${name} en grand`,
    controls: "Lecture",
    play: "Lire",
    pause: "Pause",
    back: "Dix secondes en arrière",
    forward: "Dix secondes en avant",
    loading: "Chargement",
    speed: "Vitesse",
    times: (speed) => `${speed}×`,
    seek: "Endroit dans l'enregistrement",
    position: (at, of) => `${inWords(at)} sur ${inWords(of)}`,
    whoSpeaks: "Qui parle quand",
    whoSpeaksHow:
      "Dessiné d'après le son que chaque microphone a envoyé, par tranches d'une ou deux secondes. Le bruit compte aussi.",
    spoke: (name, share) => `Son de ${name} dans ${share} % de l'enregistrement`,
    volume: (name) => `Volume de ${name}`,
    pauses: (count, length) =>
      count === 1
        ? `Une pause de ${inWords(length)} est sautée : rien n'a été enregistré alors.`
        : `${count} pauses, ${inWords(length)} en tout, sont sautées : rien n'a été enregistré alors.`,
    stretches: (count) =>
      count === 1
        ? "Le passage, et qui peut l'ouvrir"
        : `Les ${count} passages, et qui peut les ouvrir`,
    began: "Début",
    length: "Durée",
    couldOpen: "Qui peut l'ouvrir",
    interrupted: "interrompu",
    people: (count, names) => `${personnes(count)}${names === "" ? "" : ` : ${names}`}`,
    copyTitle: "Ma propre copie",
    copyMeans:
      "Une copie sur votre appareil est hors d'Assent. Elle n'est pas chiffrée, personne ne peut la supprimer pour les personnes qui y figurent, et qui met la main dessus peut la regarder. Ces personnes ont accepté d'être vues par celles qui étaient là.",
    copy: "Télécharger",
    copyOf: (track) => `Télécharger ${track}`,
    track: (name, source) => `${name}, ${source}`,
    sources: {
      microphone: "microphone",
      camera: "caméra",
      screen: "écran",
      "screen-audio": "son de l'écran",
      "device-microphone": "son d'un autre appareil",
      "device-camera": "image d'un autre appareil",
    },
    copied: "La copie est sur votre appareil.",
    copiedPartly: (missing) =>
      `La copie est sur votre appareil, sans ${missing === 1 ? "un morceau supprimé ou abîmé" : `${missing} morceaux supprimés ou abîmés`}.`,
    notCopied: "La copie n'a pas pu être achevée. Rien n'en a été gardé, ou seulement une partie.",
    deleteTitle: "Ma part de l'enregistrement",
    deleteWhat:
      "Vous pouvez faire supprimer tout ce qui a été enregistré de vous : votre voix, votre image, votre écran. Ce qui a été enregistré des autres reste à eux.",
    deletePart: "Supprimer ma part",
    keepPart: "Garder ma part",
    deleteConfirm: "Supprimer tout ce qui a été enregistré de vous ?",
    deleting: "Votre part est en cours de suppression. Cette page dira quand il n'en restera rien.",
    deletedAt: (when) => `Votre part a été supprimée. Il n'en restait rien sur le serveur ${when}.`,
    deleteLimits:
      "Les copies que quelqu'un a faites tant qu'il avait le droit de regarder échappent à ce que le serveur peut supprimer.",
    droppedRevoked:
      "L'hôte ou un administrateur a repris quelque chose ; l'enregistrement n'a donc pas été libéré.",
    droppedWithdrawn: "Quelqu'un a repris son oui.",
    droppedRetention: "La durée pendant laquelle on pouvait le garder est écoulée.",
    droppedOther: "Il n'y avait plus tout ce dont une livraison a besoin.",
    dataSet: "Jeu de données",
    exportedAt: "Exporté",
    manifest: "Condensé de sa liste de fichiers",
  },

  acts: {
    open: "Reprendre ou supprimer",
    title: (meeting) => `Reprendre ou supprimer : ${meeting}`,
    explained:
      "Pour quelqu'un qui a perdu son lien ou qui vous le demande. On ne fait ici que retirer : personne ne peut accepter quoi que ce soit pour quelqu'un d'autre. C'est consigné avec votre rôle, et la personne le voit sur sa page.",
    names: "Vous voyez qui était là, et jamais ce que quelqu'un a répondu.",
    nobody: "Personne n'a participé à cette réunion.",
    withdraw: "Reprendre l'entraînement",
    deletePart: "Supprimer sa part",
    deleteMeeting: "Supprimer la réunion",
    confirm: {
      training: (name) => `Reprendre l'entraînement pour ${name} ?`,
      recording: (name) => `Supprimer la part de ${name} ?`,
      meeting: (title) => `Supprimer « ${title} » ?`,
    },
    what: {
      training:
        "L'enregistrement de cette réunion ne sera jamais libéré pour l'entraînement, et la clé du coffre est détruite. On peut toujours le regarder.",
      recording:
        "Le oui à l'enregistrement et à l'entraînement est repris pour cette personne. Tout ce qui a été enregistré d'elle est supprimé, et l'enregistrement de cette réunion ne sera jamais libéré pour l'entraînement. Les autres gardent leur part.",
      meeting:
        "L'enregistrement, ses clés et tout ce qui dit qui était là sont supprimés, maintenant et pour tous. Si la réunion est en cours, elle se termine.",
    },
    cannotUndo:
      "Cela ne peut pas être annulé. Ce qui a été exporté auparavant, et les copies déjà faites, restent hors d'atteinte.",
    done: "C'est fait. L'exécution commence.",
    doneBy: {
      training: (by, when) => `${by} a repris l'entraînement, ${when}`,
      recording: (by, when) => `${by} a fait supprimer la part, ${when}`,
      meeting: (by, when) => `${by} a supprimé cette réunion, ${when}`,
    },
    forYou: {
      title: "Repris pour vous",
      training: (by, when) => `${by} a repris pour vous le oui à l'entraînement (${when}).`,
      recording: (by, when) =>
        `${by} a repris pour vous le oui à l'enregistrement et à l'entraînement, et a fait supprimer votre part (${when}).`,
      meeting: (by, when) => `${by} a supprimé cette réunion (${when}).`,
      hint: "Vous pouvez vous-même reprendre davantage, et personne ne peut l'annuler. Pour ce qui sera enregistré désormais, vous décidez à nouveau.",
    },
    byOthers: "Quelqu'un d'autre l'a repris pour vous.",
    notAdmitted:
      "Vous n'avez pas été admis à cette réunion. Rien de vous n'a été enregistré, et ce que vous avez répondu ne compte pas.",
  },
  console: {
    actions: "Actions",
    endMeeting: "Terminer la réunion",
    endTitle: (title) => `Terminer « ${title} » pour tout le monde ?`,
    endBody:
      "Tous ceux qui s'y trouvent en sortent aussitôt, son enregistrement s'arrête, et elle ne peut pas reprendre.",
    disableBody:
      "Le compte est déconnecté partout. Ses réunions en cours se terminent pour tous et ne peuvent pas reprendre ; les autres restent fermées jusqu'à ce qu'il soit débloqué. Ses invitations, ses liens de mot de passe et ses exportations non commencées prennent fin.",
    disable: "Bloquer",
    enable: "Débloquer",
    resetPassword: "Nouveau mot de passe",
    resetConfirm: (name: string) =>
      `Créer un lien permettant de fixer un nouveau mot de passe pour ${name} ? Toute personne qui a ce lien peut se connecter en tant que ${name}. Il sert une fois, pendant un jour, et ne peut pas être repris.`,
    resetLink: (login) => `Lien qui fixe le mot de passe de ${login}`,
    title: "Administration",
    meetings: "Réunions",
    noMeetings: "Il n'y a pas encore de réunions.",
    overview: {
      title: "Vue d'ensemble",
      states: { ready: "Prêt", "not-ready": "Pas prêt", unknown: "Inconnu pour le moment" },
      notKnown: "Rien n'est encore connu.",
      asOf: (when: string) => `Ce qui suit date du ${when}.`,
      warnings: "À surveiller :",
      reasons: {
        "worker-silent": "le processus du coffre ne donne plus signe de vie",
        "worker-not-running": "le processus du coffre ne tourne pas",
        "media-not-running": "rien ne transporte le son et l'image",
        "clock-unconfirmed": "l'horloge est douteuse tant que personne ne la confirme",
        "answers-owed":
          "ce que des personnes ont dit n'a pas encore pu être enregistré et est retenu",
        "log-not-published": "le journal public n'est plus montré au-delà",
        "client-not-built": "les pages de ce serveur ne sont pas construites",
        "vault-never-seen": "le processus du coffre n'a jamais démarré",
        "space-low": "un disque est presque plein",
        "space-unknown": "on ne peut pas savoir si un disque est plein",
        "database-unavailable": "la base de données est injoignable",
        "recordings-unrecovered": "des enregistrements interrompus ne sont pas encore clos",
        "certificate-expired": "le certificat a expiré",
        "certificate-expires-soon": "le certificat expire dans 30 jours au plus",
        "certificate-expires-very-soon": "le certificat expire dans 7 jours au plus",
      },
      meetings: "Réunions en ce moment",
      running: (running: number, count: number) =>
        `${running} avec quelqu'un dedans, ${personnes(count)} en tout`,
      exports: "Exportations",
      exportsRunning: (running: number, requested: string) =>
        `${running} en cours d'écriture, ${requested} demandées et pas commencées`,
      worker: "Processus du coffre",
      heard: (when: string) => `dernier signe de vie : ${when}`,
      neverHeard: "inconnu : il n'a jamais donné signe de vie",
      certificate: "Certificat",
      noCertificate: "inconnu : ce serveur n'en présente pas lui-même",
      expires: (days: number, when: string) =>
        `encore ${days} ${days > 1 ? "jours" : "jour"}, jusqu'au ${when}`,
      expired: "expiré",
      disks: "Place sur les disques",
      free: (free: string, total: string) => `${free} libres sur ${total}`,
      belowFloor: (floor: string) => `– moins que les ${floor} nécessaires aux enregistrements`,
      destructions: (days: number) => `Détruit d'ici ${days} jours`,
      recordings: (count: string) => (count === "1" ? "1 réunion" : `${count} réunions`),
      toDo: "À traiter",
      recalls: (meetings: number, dataSets: number) =>
        `${meetings} ${meetings > 1 ? "réunions ont été retirées" : "réunion a été retirée"} de ${dataSets} ${dataSets > 1 ? "jeux de données" : "jeu de données"}. On ne sait pas ici si chaque copie en a été débarrassée.`,
      owed: (count: string) =>
        `${count} ${count === "1" ? "suppression ordonnée n'est pas encore constatée" : "suppressions ordonnées ne sont pas encore constatées"} ; le processus du coffre continue de lui-même`,
      none: "rien",
    },
    notices: {
      title: "La notice",
      hint: "Les mots que les personnes sont invitées à accepter. Une version publiée n'est plus jamais modifiée.",
      inForce: (version: number) =>
        `La version ${version} est en vigueur pour les nouvelles réunions`,
      byServer: "publiée par le serveur à son démarrage",
      noPlace: (languages: string) =>
        `Les notices de notice_dir n'ont pas de \${own_words} en : ${languages}. Tant que c'est le cas, rien ne peut être ajouté ici.`,
      digests: "Empreintes (SHA-256)",
      immutable: "Chaque réponse est liée à l'une d'elles.",
      kinds: {
        both: "l'enregistrement et l'entraînement sont demandés",
        recording: "seul l'enregistrement est demandé",
        nothing: "rien n'est demandé",
      },
      write: "Écrire une nouvelle version",
      fixed:
        "Ce que la notice dit de l'enregistrement, de l'entraînement, des données, de la conservation et du retrait est fixe : cela vient des fichiers de la notice, ceux du programme ou ceux de notice_dir, des réglages de ce serveur et de la charte de chaque réunion, car elle doit dire ce qui est exécuté. Personne ne peut le changer ni l'ôter ici. Ce que vous écrivez figure dans une section à part, à la fin, comme les mots de la personne qui exploite ce serveur. Il en faut dans toutes les langues, ou dans aucune.",
      mayStand: "Ce qui peut y figurer",
      markdown:
        "Du Markdown : paragraphes, listes, mots forts et accentués, liens, titres à partir de ###.",
      facts: "Indications de ce serveur qui sont insérées :",
      passages:
        "Un passage pour certaines réunions seulement ; aussi : training not offered, recording offered, recording not offered, names shown, names hidden.",
      length: (count: number, most: number) => `${count} caractères sur ${most}`,
      preview: "Aperçu",
      next: (version: number) => `Version ${version}, non publiée`,
      language: "Langue",
      kind: "Réunions où",
      asAtTheDoor: "Comme on la voit à la porte",
      compared: (version: number) => `Comparée à la version ${version}, qui est en vigueur`,
      newLanguage: "Cette langue est nouvelle.",
      unchanged: (lines: number) =>
        lines === 1 ? "1 ligne inchangée" : `${lines} lignes inchangées`,
      added: "Ajouté :",
      removed: "Supprimé :",
      forWhom: "Ce qui change, et pour qui",
      runningKeep: (count: number) =>
        `Les réunions commencées (${count}) gardent les mots que nomme leur charte.`,
      plannedKeep: (count: number) =>
        `Les réunions créées et pas encore commencées (${count}) gardent aussi les leurs.`,
      newGet: (version: number) => `Les réunions créées ensuite reçoivent la version ${version}.`,
      answersStay: "Les réponses données restent liées aux mots qui ont été montrés.",
      publish: (version: number) => `Publier la version ${version}`,
      publishConfirm: (version: number) =>
        `Publier la version ${version} pour toutes les nouvelles réunions ? Elle entre dans le journal public et ne peut être ni modifiée ni reprise ; seule une autre version peut la suivre.`,
      published: "La nouvelle version est en vigueur pour les nouvelles réunions.",
      reasons: {
        empty: "Il y a des mots dans d'autres langues, et aucun dans celle-ci.",
        "too-long": "Ces mots sont trop longs.",
        "control-character": "Il y a un caractère de contrôle dans ces mots.",
        heading:
          "Un titre ne peut pas être plus grand que ### : il mettrait fin à la section qui dit de qui sont ces mots.",
        rule: "Une ligne de séparation mettrait fin à la section qui dit de qui sont ces mots.",
        "unknown-fact": "Il y a dans ces mots un ${…} qui n'est pas une indication de ce serveur.",
        marks: "Les marques %% de ces mots ne vont pas ensemble.",
        "language-missing": "Chaque langue de la notice doit avoir une entrée.",
        "language-unknown": "La notice n'existe pas dans cette langue.",
        "no-place": "La notice propre au serveur n'a pas de place pour ces mots dans cette langue.",
      },
    },
    log: {
      title: "Journal public",
      hint: "Ce qui est dit et fait y figure sous forme de condensés salés, et ne peut plus en être retiré. Chacun peut le lire sous /log.",
      head: (size, at) => `${size} entrées, montrées depuis ${at}`,
      problem: (code) => `Le journal ne continue pas : ${code}`,
      noWitnesses: "Aucun témoin n'est invité à le contresigner.",
      cosigned: (size) => `${size} entrées contresignées`,
      witnessProblem: (code) => `pas contresigné : ${code}`,
    },
    columns: {
      meeting: "Réunion",
      people: "Personnes",
      recording: "Ont accepté l'enregistrement",
      training: "Ont accepté l'entraînement",
      stretches: "Passages enregistrés",
      gate: "Peut-elle être livrée ?",
      release: "Livraison",
    },
    counted: "Ici les personnes sont comptées, jamais nommées.",
    gate: {
      release: "Oui",
      blocked: "Non",
      unknown: "Pas encore examinée",
    },
    reasons: {
      "training-not-offered": () => "l'entraînement n'a jamais été proposé",
      "not-over": () => "la réunion n'est pas terminée",
      "recording-open": () => "son enregistrement n'est pas encore clos",
      "nothing-recorded": () => "rien n'a été enregistré",
      "not-answered": (count) => `${personnes(count)} ${count <= 1 ? "n'a" : "n'ont"} pas répondu`,
      refused: (count) => `${personnes(count)} ${count <= 1 ? "a" : "ont"} dit non`,
      revoked: () => "l'hôte, un administrateur ou l'exploitant a repris quelque chose",
      withdrawn: (count) =>
        `${personnes(count)} ${count <= 1 ? "a repris son" : "ont repris leur"} oui`,
      "bad-evidence": (count) => `les preuves de ${personnes(count)} ne sont pas valables`,
      "sealed-seed-missing": (count) => `la clé de ${personnes(count)} n'a pas été remise`,
      "notice-not-in-force": (count) =>
        `${personnes(count)} ${count <= 1 ? "a" : "ont"} accepté d'autres mots`,
      "segments-damaged": (count) =>
        count <= 1
          ? `${count} partie stockée est abîmée ou manque`
          : `${count} parties stockées sont abîmées ou manquent`,
      destroyed: () => "quelque chose en a été détruit",
      "retention-over": () => "sa durée de conservation est écoulée",
      "answers-owed": (count: number) =>
        `le serveur n'a pas encore pu enregistrer ce que ${personnes(count)} ${count === 1 ? "a" : "ont"} retiré`,
      "report-unreadable": () => "ce qui a été constaté en dernier à son sujet est illisible",
      "not-logged": () =>
        "ce qui est stocké n'est pas ce que, d'après le journal, on a dit et enregistré",
      "vault-key-missing": () => "sa clé n'existe plus",
      "export-segments-damaged": () =>
        "son exportation a échoué : des parties stockées étaient abîmées ou manquaient",
      "export-bad-evidence": () =>
        "son exportation a échoué : ses preuves ne concordent pas entre elles",
      "export-no-frames": () => "son exportation a échoué : elle ne contient ni son ni image",
      "export-timeline-too-long": () =>
        "son exportation a échoué : ses heures sont trop éloignées les unes des autres",
      "retry-asked": () => "quelqu'un a demandé un nouvel essai",
      "vault-lost": () => "son coffre a été perdu",
      "cooling-off": () => "son délai de réflexion n'est pas écoulé",
    },
    otherReason: (code, count) => (count > 0 ? `${code} (${count})` : code),
    release: {
      cooling: (when) => `Délai de réflexion, prête ${when}`,
      ready: () => "Prête à exporter",
      claimed: () => "Exportation en cours",
      exported: () => "Exportée",
      dropped: () => "Abandonnée",
    },
    noRelease: "–",
    queue: "File des livraisons",
    releases: {
      hint: "Chaque réunion qui a été examinée. Cette liste se tient à jour d'elle-même.",
      empty: "Il n'y en a aucune.",
      filter: "Quel état montrer",
      all: "Toutes",
      columns: {
        meeting: "Réunion",
        state: "État",
        since: "Depuis",
        next: "Et ensuite",
        why: "Pourquoi",
      },
      states: {
        cooling: "Délai de réflexion",
        ready: "Prête",
        claimed: "Exportation en cours",
        exported: "Exportée",
        dropped: "Abandonnée",
        dead: "Exportation échouée",
        blocked: "Bloquée",
      },
      readyAt: (when) => `prête ${when}`,
      waits: "sera dans la prochaine exportation",
      leasedUntil: (when) =>
        `le processus de travail la tient jusqu'à ${when} et prolonge tant qu'il travaille`,
      inExport: "dans le jeu de données",
      retry: "Réessayer",
      retryAsked: (when) => `nouvel essai demandé ${when}`,
      retrySaid: "Elle sera examinée de nouveau.",
    },
    pages: { label: "Feuilles", newest: "Plus récentes", older: "Plus anciennes" },
    figures: {
      title: "Chiffres",
      hint: "On compte ce qui est là : ce qui a été détruit depuis ne figure plus dans aucune colonne. Les jours sont ceux d'UTC.",
      span: "Durée",
      days: (count) => `${count} jours`,
      total: (count) => `${count} en tout`,
      table: "En tableau",
      since: "À partir du",
      series: {
        meetings: "Réunions créées",
        recordings: "Passages enregistrés",
        answers: "Réponses signées",
        releases: "Livraisons mises en file",
        exports: "Réunions exportées",
        deletions: "Effacements ordonnés",
      },
      storageOverTime: "Place occupée au fil du temps",
      storageHint:
        "Le maximum occupé, noté toutes les six heures par ce serveur depuis qu'il le peut.",
      storage: "Disques",
      places: {
        objects: "enregistrements",
        server: "clés du serveur",
        database: "base de données",
      },
      used: (used, total) => `${used} occupés sur ${total}`,
      unknown: "impossible à savoir",
    },
    audit: {
      title: "Qui a fait quoi",
      hint: "Lu dans ce que les actes eux-mêmes ont laissé dans la base de données. Qui s'est connecté, a terminé une réunion ou bloqué un compte n'est écrit nulle part et n'est pas dit ici ; les invitations y figurent tant qu'elles sont conservées.",
      empty: "Rien de tel.",
      all: "Tout",
      from: "Du",
      until: "Au",
      download: (format) => `Télécharger en ${format}`,
      columns: { when: "Quand", what: "Quoi", who: "Qui", meeting: "Réunion", detail: "Détails" },
      by: { operator: "Exploitant", vault: "Coffre", unknown: "Écrit nulle part" },
      acts: {
        "account-made": "Compte créé",
        "account-disabled": "Compte bloqué",
        "invitation-made": "Invitation créée",
        "notice-published": "Notice publiée",
        "meeting-created": "Réunion créée",
        "meeting-ended": "Réunion terminée",
        "meeting-destroyed": "Réunion détruite",
        "taken-back": "Repris pour d'autres",
        "release-queued": "Livraison mise en file",
        "release-dropped": "Livraison abandonnée",
        "retry-asked": "Nouvel essai demandé",
        "export-asked": "Exportation demandée",
        "export-approved": "Exportation approuvée",
        "export-declined": "Exportation refusée",
        "export-taken-back": "Exportation retirée",
        "export-ended": "Exportation finie",
        "download-asked": "Téléchargement demandé",
        "download-approved": "Téléchargement approuvé",
        "download-declined": "Téléchargement refusé",
        "download-taken-back": "Téléchargement retiré",
        "download-ended": "Téléchargement terminé",
        "data-set-fetched": "Jeu de données récupéré",
        "meeting-exported": "Réunion exportée",
        "deletion-ordered": "Effacement ordonné",
        "deletion-seen": "Effacement constaté",
        "clock-confirmed": "Horloge confirmée",
      },
    },
    exports: "Exportations",
    exportReady: "Exporter ce qui est prêt",
    exportConfirm:
      "Exporter ces réunions ? Les enregistrements sont ouverts et écrits dans le dossier d'exportation. Qui retire son accord plus tard ne sera plus dans la prochaine exportation, mais ce serveur ne peut pas reprendre ce qui a été exporté.",
    exportAsked: "L'exportation a été demandée.",
    noExports: "Rien n'a encore été exporté.",
    exportState: {
      requested: "Demandée",
      running: "En cours d'écriture",
      done: "Faite",
      failed: "Échouée",
      proposed: "Attend une approbation",
      declined: "Refusée",
      "taken-back": "Retirée",
      lapsed: "Caduque",
    },
    sessions: {
      title: "Où vous êtes connecté",
      hint: "Chaque ligne est un navigateur connecté à votre compte. Le moment de son dernier usage est connu à l'heure près.",
      since: (when: string) => `connecté ${when}`,
      used: (when: string) => `dernier usage ${when}`,
      until: (when: string) => `se termine ${when} sans usage`,
      current: "Ce navigateur",
      end: "Déconnecter",
      endOthers: "Déconnecter partout ailleurs",
    },
    settings: {
      title: "Réglages",
      hint: "Ils sont lus au démarrage du serveur, dans son fichier ou son environnement, et s'y changent sous ces noms ; rien ne peut être changé ici. D'un secret, on dit seulement s'il est défini. Leur signification est en anglais, comme dans le programme.",
      show: (count: number) => `Afficher les ${count}`,
      key: "Clé",
      value: "Valeur",
      about: "À quoi il sert",
      unset: "non défini",
      secret: "défini ; n'est pas montré",
    },
    funnel: {
      title: "Jusqu'où vont les gens",
      hint: "Comptés par réunion, jamais nommés : qui était dans deux réunions compte dans les deux. Personne ne sait à combien de personnes un lien a été envoyé ; on compte qui l'a ouvert.",
      meetings: (count: number) => (count === 1 ? "1 réunion" : `${count} réunions`),
      newest: (count: number) => `Seulement des ${count} réunions les plus récentes.`,
      stage: "Jusqu'où",
      people: "Personnes",
      share: "De ceux qui ont ouvert le lien",
      stages: {
        invited: "Ont ouvert le lien",
        joined: "Sont entrés",
        recording: "Ont accepté l'enregistrement",
        training: "Ont accepté l'entraînement",
        released: "Dans une réunion libérée",
        exported: "Dans un jeu de données",
        withdrawn: "Ont retiré quelque chose",
      },
    },
    accountSince: (when: string) => `compte depuis ${when}`,
    roleMay: {
      administrator:
        "Tout dans cette console, et ce que peuvent les hôtes. N'ouvre aucun enregistrement.",
      host: "Crée des réunions et décide dans les siennes ; ne voit rien des autres.",
    },
    downloading: {
      start: "Télécharger",
      confirm:
        "Télécharger ce jeu de données ? Le coffre le scelle pour une clé que cette page tire maintenant ; votre navigateur l'ouvre et l'écrit sur votre disque. Le journal d'administration vous nomme. Gardez cette page ouverte jusqu'à la fin : une page rechargée doit recommencer.",
      parts:
        "Ce navigateur écrit des fichiers de 256 Mo, numérotés à partir de 001. Joignez-les dans leur ordre avant de les extraire, par exemple : cat data-set-*.tar.0* > data-set.tar",
      asked: "Le jeu de données a été demandé au coffre.",
      proposed:
        "Une autre personne de l'administration doit approuver ce téléchargement. Gardez cette page ouverte.",
      progress: (done: string, total: string) => `${done} sur ${total}`,
      away: "Le serveur est injoignable. Le téléchargement reprendra dès qu'il répondra.",
      done: "Le jeu de données est sur votre disque. Vérifiez-le avec : assent-vault check-dataset",
      cancelled: "Le téléchargement a été annulé.",
      lapsed: "Le temps de ce téléchargement est écoulé. Recommencez.",
      untrue: "Ce qui est arrivé n'est pas ce que le coffre a scellé. Rien n'en a été gardé.",
      notWritten: "Il n'a pas pu être écrit sur votre disque.",
      byOther: (name: string) => `${name} le télécharge`,
      wants: (name: string) => `${name} demande à le télécharger`,
      elsewhere:
        "Une page que vous avez fermée ou rechargée avait commencé un téléchargement. Il ne peut pas continuer ; recommencez.",
      approve: "Approuver le téléchargement",
      approveConfirm:
        "Approuver ce téléchargement ? Le jeu de données quitte alors la machine du coffre pour le navigateur de la personne qui le demande.",
      decline: "Refuser le téléchargement",
      declineConfirm: "Refuser ce téléchargement ? Rien n'est remis.",
      /** Why it ended, or what it waits for. */
      why: {
        "data-set-missing": "Le dossier de ce jeu de données n'est plus là.",
        "data-set-changed": "Le jeu de données n'est pas ce que le coffre a signé.",
        "data-set-unreadable": "Le jeu de données ne peut pas être lu sur le disque.",
        "data-set-recalled":
          "Une partie de ce jeu de données a été retirée. Une fois enlevée du dossier (assent-vault check-dataset --apply), le reste peut être téléchargé.",
        "data-set-elsewhere":
          "Ce jeu de données a été écrit par la commande dans un dossier à part, d'où il n'est pas remis.",
        "data-set-too-large": "Ce jeu de données est trop grand pour être téléchargé ici.",
        "recalls-unknown":
          "On ne peut pas savoir ce qui a été retiré de ce jeu de données ; il n'est donc pas remis.",
        "bad-key": "La clé de cette page n'a pas pu être utilisée.",
        replaced: "Le téléchargement a été recommencé dans une autre page.",
        "downloads-off": "Les téléchargements ont été désactivés (export_downloads).",
        "space-low": "En attente : un disque est presque plein.",
        "space-unknown": "En attente : on ne peut pas savoir si un disque est plein.",
        "store-unavailable": "En attente : le stockage d'objets n'accepte rien pour le moment.",
      },
    },
    exporting: {
      again: {
        make: "Faire la version suivante",
        hint: (id: string) =>
          `La version suivante du jeu de données ${id} : celles de ses réunions pour lesquelles l'accord vaut encore, sans ce qui a été retiré.`,
        instead: "Plutôt un nouveau jeu de données",
        of: (id: string) => `version suivante de ${id}`,
        included: "Aussi des réunions qui sont déjà dans un jeu de données",
        noRoom: (count: number) => `${count} autres n'ont pas de place : choisissez des jours`,
        refused: (count: number) =>
          count === 1
            ? "1 réunion déjà exportée ne peut pas l'être encore une fois :"
            : `${count} réunions déjà exportées ne peuvent pas l'être encore une fois :`,
        why: {
          withdrawn: "quelqu'un a retiré son oui.",
          revoked: "quelque chose a été retiré pour quelqu'un.",
          "retention-over": "sa durée de conservation est écoulée.",
          destroyed: "elle a été détruite.",
          "vault-key-missing": "sa clé n'existe plus.",
          "too-many-data-sets": "elle est déjà dans 100 jeux de données.",
        },
      },
      recipient: "À qui elle est remise",
      recipientHint:
        "C'est écrit dans le jeu de données et dans le journal, et quiconque était dans ces réunions peut le voir.",
      purpose: "Pour quoi faire",
      since: "Réunions à partir du",
      until: "Réunions jusqu'au",
      audioOnly: "Son seulement, sans images",
      said: "Il faut le dire.",
      days: "Le dernier jour précède le premier.",
      propose: "Proposer cette exportation",
      needsApproval:
        "Elle ne commence pas avant qu'une autre personne de l'administration l'ait approuvée, ce qui est possible pendant 72 heures. Jusqu'à son début, vous pouvez la retirer.",
      proposed: "L'exportation attend une autre personne de l'administration.",
      approve: "Approuver",
      approveConfirm:
        "Approuver cette exportation ? Le coffre ouvre alors les enregistrements et les écrit dans le dossier d'exportation. Ce serveur ne peut pas reprendre ce qui a été exporté.",
      decline: "Refuser",
      declineConfirm:
        "Refuser cette exportation ? Elle ne sera pas faite. La personne qui l'a demandée ne peut qu'en demander une autre.",
      takeBack: "Retirer",
      takeBackConfirm:
        "Retirer cette exportation ? Elle ne sera pas faite. Vous pouvez en demander une autre.",
      forecast: (meetings, hours, size) =>
        `${meetings === 1 ? "1 réunion" : `${meetings} réunions`}, ${hours} heures, environ ${size} tels qu'ils sont stockés`,
      unmeasured: (count) => `sans compter ${count} que le coffre n'a pas encore mesurées`,
      left: (count) => `${count} de plus seront dans la prochaine exportation`,
      askedBy: (name) => `par ${name}`,
      approved: (when, name) => `approuvée ${when} par ${name}`,
      declined: (when, name) => `refusée ${when} par ${name}`,
      takenBack: (when, name) => `retirée ${when} par ${name}`,
      lapses: (when) => `peut être approuvée jusqu'au ${when}`,
      from: (day) => `à partir du ${day}`,
      through: (day) => `jusqu'au ${day}`,
      filters: {
        title: "Seulement les réunions et le son qui…",
        languages: "Tout le monde a lu ce à quoi il consentait dans l'une de ces langues",
        languagesHint:
          "Comme de ou pt-BR, séparées par des virgules, 20 au plus. Selon les réponses signées ; personne ne sait quelle langue est parlée.",
        languagesWrong: "Ce doivent être des codes de langues, comme de ou pt-BR, 20 au plus.",
        seconds: "Réunions d'au moins tant de secondes",
        secondsWrong: "Ce doit être un nombre entier d'au plus neuf chiffres.",
        filled:
          "Sans le son dont plus de ce pourcentage est du silence mis là où rien n'est arrivé",
        clipped: "Sans le son dont plus de ce pourcentage est écrêté, ou dont on ne le sait pas",
        percentWrong: "Ce doit être un nombre de 0 à 100.",
        later: "Quel son est ainsi écarté ne se sait qu'au moment où il est écrit.",
        readIn: (names) => `lu par tout le monde en : ${names}`,
        atLeast: (length) => `réunions d'au moins ${length}`,
        mostFilled: (percent) => `sans le son dont plus de ${percent} est du silence ajouté`,
        mostClipped: (percent) => `sans le son dont plus de ${percent} est écrêté`,
        unlooked: (count) => `la langue lue n'a pas été regardée pour ${count} de plus`,
      },
      /** Why the vault has not begun it. */
      why: {
        "former-unknown": "Le journal ne connaît pas ce jeu de données.",
        "too-many-meetings": "Plus de réunions que n'en contient un jeu de données.",
        "not-approved": "Personne d'autre de l'administration ne l'a approuvée.",
        "approval-void": "La personne qui l'a demandée ou approuvée n'administre plus ce serveur.",
        "approval-lapsed": "Elle n'a pas commencé à temps après avoir été approuvée.",
        "account-disabled": "Le compte qui l'a demandée ou approuvée a été bloqué.",
      },
    },
    progress: (done, total) => `${done} réunions sur ${total}`,
    folder: "Dossier",
    givenTo: (recipient: string, purpose: string) => `pour ${recipient} : ${purpose}`,
    recalled: (count: number) =>
      count === 1
        ? "1 réunion a été reprise depuis. Retirez-la de ce dossier et de toutes les copies : assent-vault check-dataset --apply."
        : `${count} réunions ont été reprises depuis. Retirez-les de ce dossier et de toutes les copies : assent-vault check-dataset --apply.`,
    recallsFetched: (when: string) =>
      `Ce qui a été rappelé a été retiré pour la dernière fois vers le ${when}.`,
    recallsNotFetched: "Ce qui a été rappelé n'a pas été retiré depuis.",
    asked: (when) => `demandée ${when}`,
    finished: (when) => `finie ${when}`,
    people: "Comptes",
    roles: { host: "Hôte", administrator: "Administrateur" },
    disabled: "désactivé",
    inviteHost: "Inviter un hôte",
    inviteAdministrator: "Inviter un administrateur",
    invitationLink: "Lien d'invitation",
    invitationHint: (when) => `Vaut une fois, jusqu'au ${when}. Il n'est affiché que maintenant.`,
    notAllowed: "L'administration est réservée aux administrateurs.",
  },

  proof: {
    title: "Preuve",
    lead: "Vérifiée ici, dans votre navigateur, point par point. Rien n'y repose sur la seule parole du serveur.",
    states: {
      waiting: "Pas encore vérifié :",
      holds: "Exact :",
      "own-word": "Exact, d'après le fichier lui-même :",
      fails: "Inexact :",
      "not-made": "Pas examiné :",
    },
    checks: {
      file: { title: "Le fichier", holds: "C'est un reçu, et il n'en manque aucune partie." },
      charter: {
        title: "Ce qui pouvait être demandé",
        holds: "Il dit ce qui pouvait être demandé dans la réunion, et quelles clés en répondent.",
      },
      server: { title: "Le serveur" },
      vault: { title: "Le coffre" },
      words: {
        title: "Les mots",
        holds: "La notice est, à la lettre près, celle qui était en vigueur.",
      },
      "vault-key": {
        title: "La clé pour l'entraînement",
        holds: "La clé pour laquelle un oui à l'entraînement est scellé est bien celle du coffre.",
      },
      enrolment: {
        title: "De qui il s'agit",
        holds: "Le navigateur a signé en entrant, avec une clé que personne d'autre n'avait.",
      },
      answers: {
        title: "Les réponses",
        holds:
          "Chacune est signée avec cette même clé et suit la précédente ; il n'en manque aucune entre elles.",
      },
      records: {
        title: "Ce que dit le journal",
        holds: "Il dit ce qui a été signé, dans un ordre où cela a pu se passer.",
      },
      log: { title: "Quel journal", holds: "C'est le journal dont ce serveur répond." },
      acknowledgements: {
        title: "Contresignatures",
        holds:
          "Le serveur a signé pour chaque déclaration de ce fichier, avec sa place dans le journal.",
      },
      heads: {
        title: "L'état du journal",
        holds:
          "La clé du journal l'a signé, et toutes les preuves de ce fichier portent sur ce seul état.",
      },
      inclusion: {
        title: "Places dans le journal",
        holds:
          "Chaque entrée est à sa place dans cet état du journal. Si l'une est changée ou retirée plus tard, ce reçu le montre.",
      },
    },
    keys: {
      server: {
        given: "Sa clé est celle que vous avez saisie.",
        remembered: "Sa clé est celle que ce navigateur a rencontrée quand vous êtes entré.",
        ownWord: "Sa clé est celle que nomme le fichier lui-même. Comparez-la ci-dessous.",
      },
      vault: {
        given: "Sa clé est celle que vous avez saisie.",
        remembered: "Sa clé est celle que ce navigateur a rencontrée quand vous êtes entré.",
        ownWord: "Sa clé est celle que nomme le fichier lui-même. Comparez-la ci-dessous.",
      },
    },
    failures: {
      "not-a-receipt": "Ce n'est pas un reçu, ou il est abîmé ou coupé.",
      "bad-document": "Une partie est illisible pour ce qu'elle devrait être : abîmée ou modifiée.",
      "other-key": "La clé n'est pas celle qu'elle devrait être.",
      "other-languages": "Une langue de la notice manque, ou il y en a une de trop.",
      "other-words": "Ce ne sont pas les mots qui ont été acceptés : le texte a été modifié.",
      "other-meeting": "Cela appartient à une autre réunion.",
      "bad-signature":
        "Une signature ne convient pas : quelque chose a été modifié, ou quelqu'un d'autre a signé.",
      "bad-statement":
        "Une déclaration dit ce qu'elle ne doit pas dire, ou est celle de quelqu'un d'autre.",
      "notice-not-in-force":
        "Une déclaration porte sur des mots qui n'étaient pas en vigueur dans cette réunion.",
      "stale-statement":
        "Les réponses ne se suivent pas : il en manque une, ou elle est à une mauvaise place.",
      mismatch: "Deux parties qui vont ensemble disent des choses différentes.",
      "out-of-order": "Les choses sont dans un ordre où elles n'ont pas pu se passer.",
      missing: "Quelque chose qui doit être là manque, ou y est deux fois.",
      "other-log": "Cela vient d'un autre journal que celui de ce serveur.",
      "split-view":
        "Le journal a montré deux histoires différentes. C'est une preuve contre celui qui le tient.",
      "not-witnessed": "Un témoin qui devait signer ne l'a pas fait.",
      "not-in-log": "Une entrée n'est pas dans le journal à la place où elle devrait être.",
    },
    notMade: "Pas examiné, parce que quelque chose dont cela dépend est inexact.",
    holds: "Tout est exact.",
    holdsWhat: "D'après des clés connues d'avance.",
    ownWord:
      "Mais les clés sont celles que nomme le fichier lui-même : comparez-les à ce que vous savez d'ailleurs.",
    failed: "Ce n'est pas exact.",
    failedWhat:
      "Quelque chose a été modifié ou manque. Ne vous fiez à rien de ce qu'il contient, et montrez-le à quelqu'un en qui vous avez confiance.",
    receiptTitle: "Votre reçu",
    saveReceipt: "Télécharger le reçu",
    saveRecord: "Télécharger l'attestation de consentement",
    saveWhy:
      "Le reçu prouve, sans ce serveur et pour toujours, ce que vous avez répondu et à quels mots. Votre clé n'y est pas.",
    elsewhere: "Vérifier un reçu",
    promises: "Ce qu'Assent peut promettre, et ce qu'il ne peut pas",
    agreement: {
      title: "Comparé à ce que ce navigateur a gardé",
      comparing: "Comparaison…",
      first: (size) =>
        `Il n'y avait rien à comparer : c'est la première visite avec ce navigateur. À partir de maintenant, il garde l'état du journal (${size} ${size === 1 ? "entrée" : "entrées"}) et ce que le serveur a signé pour vous, et compare à chaque visite.`,
      same: (since, size) =>
        `Cela concorde avec ce que ce navigateur garde depuis le ${since} : le journal a les mêmes ${size} entrées.`,
      grown: (since, from, size) =>
        `Cela concorde avec ce que ce navigateur garde depuis le ${since} : le journal est passé de ${from} à ${size} entrées, et celles d'avant n'ont pas changé.`,
      acknowledged: (count) =>
        count === 1
          ? "La contresignature qu'il a gardée pour vous est respectée : ce que vous avez signé est dans le journal, à la place signée."
          : `Les ${count} contresignatures qu'il a gardées pour vous sont respectées : ce que vous avez signé est dans le journal, chaque fois à la place signée.`,
      notLookedAt:
        "Les contresignatures n'ont pas été examinées, car il n'y a pas de reçu valable.",
      notCompared: {
        unreachable:
          "Rien n'a été comparé à ce que ce navigateur a gardé : le serveur n'a pas répondu.",
        withheld:
          "Rien n'a été comparé à ce que ce navigateur a gardé : le serveur ne montre pas ce qu'il faut pour cela. Cela ne prouve rien ; mais un serveur en ordre le montre.",
      },
      disagrees: "Cela ne concorde PAS avec ce que ce navigateur a gardé.",
      disagreesWhat:
        "Ce qui s'y trouvait a été modifié ou retiré, ou un autre journal est montré. Enregistrez la preuve et montrez-la à quelqu'un en qui vous avez confiance.",
      codes: {
        otherLog:
          "Le serveur tient un autre journal qu'avant : sous un autre nom, ou avec une autre clé.",
        smaller: (from, size) =>
          `Le journal a raccourci : il avait ${from} entrées, il en a ${size}.`,
        splitView: (size) =>
          `Le journal a ${size} entrées comme avant, mais ce ne sont pas les mêmes.`,
        notGrown: (from, size) =>
          `Le journal a ${size} entrées, mais les ${from} d'avant n'en sont pas les premières.`,
        notOlder: (from, size) =>
          `Un état de ${size} entrées est montré, dont le journal de ${from} entrées n'est pas issu.`,
        missing: (what, signed) =>
          `${what} n'y est pas, alors que le serveur a signé pour cela, à la place ${signed} du journal.`,
        otherIndex: (what, signed, now) =>
          `${what} se trouve à la place ${now} du journal ; le serveur avait signé pour la place ${signed}.`,
      },
      enrolment: "Ce que vous avez signé en entrant",
      numbered: (number) => `Votre réponse ${number}`,
      found: (when) => `Constaté le ${when}.`,
      save: "Enregistrer la preuve",
      saveWhat:
        "Le fichier contient ce qui a été signé alors et ce qui est montré maintenant. Ni votre clé ni votre nom n'y figurent ; vos réponses y sont sous forme d'empreintes.",
      notLasting: "Ce navigateur ne garde rien plus longtemps que la page n'est ouverte.",
      forget: "Oublier ce qui a été gardé",
      forgetWhat:
        "Ce navigateur oublie alors l'état du journal, ce que le serveur a signé pour vous et ce qui ne concordait pas. Plus rien ne pourra y être comparé. Votre clé et vos réponses restent.",
      forgotten: "C'est oublié. La prochaine visite repart de zéro.",
      inMeeting:
        "Le journal de ce serveur ne concorde pas avec ce que ce navigateur a gardé. Votre lien personnel montre de quoi il s'agit.",
    },
    verify: {
      title: "Vérifier un reçu",
      lead: "Chacun peut découvrir ici si un reçu est authentique. Le fichier reste dans votre navigateur : rien n'est envoyé.",
      choose: "Choisir un reçu",
      drop: "Ou déposez le fichier ici. Son nom finit par .assent-receipt.json.",
      pins: "Je connais les clés par ailleurs",
      pinsHint:
        "Des empreintes que vous tenez de quelqu'un d'autre que celui qui vous a donné le fichier. Laissez vide ce que vous ne savez pas.",
      badKey: "Ce n'est pas une empreinte : il faut 64 chiffres et lettres de a à f.",
      unreadable: "Le fichier ne peut pas être lu.",
    },
    story: "Ce qu'il prouve",
    storyHint: (log, size) => `D'après le journal ${log}, à ${size} entrées.`,
    events: {
      notice: (version) => `La version ${version} de la notice a été publiée.`,
      meeting: "La réunion a été créée.",
      enrolled: "La question a été posée à la personne, qui a signé en entrant.",
      admitted: "La personne a été admise.",
      answered: (number, recording, training) =>
        `Réponse ${number}. Enregistrement : ${recording}. Données d'entraînement : ${training}.`,
      withdrawn: (number) => `Ce que la réponse ${number} reprend a été exécuté.`,
      carriedOut: "Ce qui a été repris au nom de la personne a été exécuté.",
      revoked: {
        training: (by) => `${by} a repris, pour la personne, son oui à l'entraînement.`,
        recording: (by) =>
          `${by} a repris, pour la personne, son oui à l'enregistrement et à l'entraînement.`,
        meeting: (by) => `${by} a supprimé toute la réunion.`,
      },
      host: "La clé de la réunion dit que la personne en est l'hôte.",
      armed: "Un hôte a signé s'il fallait enregistrer.",
      removed: "Un hôte a retiré la personne.",
      opened: (number) => `Le passage ${number} de l'enregistrement a commencé.`,
      closed: (number) => `Le passage ${number} de l'enregistrement s'est terminé.`,
      ended: "La réunion a pris fin.",
      released: (when) => `Tout le monde avait dit oui ; livrable à partir de ${when}.`,
      lost: (seconds) =>
        `${seconds} secondes de l'enregistrement n'ont pas pu être ouvertes et ont été écartées.`,
      exported: "L'enregistrement a été exporté comme donnée d'entraînement.",
      erased: "Ce qui a été enregistré de la personne a été supprimé.",
      adopted:
        "Le coffre de la réunion, ou ce qu'il savait, a été perdu. Depuis, un autre retire ce qui doit l'être ; il ne pourra jamais libérer l'enregistrement.",
      erasedAll: "L'enregistrement a été supprimé.",
      destroyed: "La réunion a été détruite.",
    },
  },
};
