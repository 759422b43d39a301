// Español.

import type { Catalogue, Length } from "./en";

function personas(count: number): string {
  return count === 1 ? "1 persona" : `${count} personas`;
}

function inWords({ hours, minutes, seconds }: Length): string {
  const parts = [
    hours > 0 && `${hours} h`,
    minutes > 0 && `${minutes} min`,
    (seconds > 0 || (hours === 0 && minutes === 0)) && `${seconds} s`,
  ];
  return parts.filter(Boolean).join(" ");
}

export const es: Catalogue = {
  language: "Español",

  common: {
    more: "Mostrar más",
    brand: "Assent",
    tagline: "Reuniones privadas. Grabadas solo hasta donde todos aceptan.",
    close: "Cerrar",
    cancel: "Cancelar",
    copy: "Copiar",
    copied: "Copiado",
    yes: "Sí",
    no: "No",
    loading: "Un momento…",
    again: "Intentar de nuevo",
    you: "usted",
    host: "Anfitrión",
    actors: {
      host: "El anfitrión",
      administrator: "Un administrador",
      operator: "El operador del servidor",
    },
    languageChoice: "Idioma",
    licences: "Licencias",
    source: "Código fuente",
    runBy: (operator) => `Este servidor lo administra ${operator}`,
    contact: (contact) => `Contacto: ${contact}`,
    skip: "Ir al contenido",
    people: personas,
  },

  errors: {
    unreachable: "No se puede llegar al servidor. Compruebe su conexión e inténtelo de nuevo.",
    "not-kept":
      "Este navegador no pudo guardar su clave, así que no ha entrado. Libere espacio o use otro navegador e inténtelo de nuevo.",
    "not-understood":
      "El servidor dijo algo que esta página no entiende. Vuelva a cargar la página.",
    "already-enrolled": "Su lugar en esta reunión se tomó con otra clave.",
    "bad-origin": "Esta página se abrió con una dirección que el servidor no reconoce como suya.",
    "bad-request": "Algo de lo introducido no se puede usar.",
    "bad-sdp":
      "Su navegador y el servidor no se pusieron de acuerdo en cómo enviar sonido e imagen.",
    "bad-signature": "Una firma no es válida.",
    "bad-statement":
      "El servidor no aceptó lo que se firmó. Compruebe que el reloj de su aparato va bien.",
    "bad-token": "Este enlace no es válido, o ya no lo es.",
    "database-unavailable":
      "El servidor no puede acceder a su base de datos en este momento. Inténtelo de nuevo.",
    forbidden: "No tiene permiso para hacer esto.",
    internal: "Algo salió mal en el servidor. Allí ha quedado anotado.",
    "log-unavailable":
      "El registro público no se puede mostrar en este momento. Inténtelo dentro de un momento.",
    "login-taken": "Alguien usa ya este nombre de usuario. Elija otro.",
    "media-unavailable":
      "El sonido y la imagen no se transmiten en este momento. Vuelven por sí solos.",
    "meeting-closed":
      "Por el momento nadie puede entrar en esta reunión. Pregunte a quien le invitó.",
    "meeting-full": "La reunión está completa.",
    "meeting-locked": "El anfitrión ha cerrado la puerta de esta reunión.",
    "meeting-not-found": "No existe esa reunión.",
    "meeting-over": "Esta reunión ha terminado.",
    "method-not-allowed":
      "Esta página ha preguntado al servidor de una forma que este no conoce. Vuelva a cargar la página.",
    "not-admitted": "Solo las personas que están en la reunión pueden hacer esto.",
    "not-a-host": "La clave de esta reunión no dice que usted sea anfitrión.",
    "stale-act": "Otro anfitrión ha sido más rápido. Vuelva a mirar.",
    "too-many-acts": "Se ha hecho demasiado en esta reunión. Todavía se puede detener.",
    "not-enrolled": "Su lugar en esta reunión ya no se conoce. Vuelva a cargar la página.",
    "not-found": "No existe esa página.",
    "not-recordable": "Esta reunión se creó para que nunca pueda grabarse.",
    "not-signed-in": "Inicie sesión, por favor.",
    "not-watching": "La grabación tiene que abrirse de nuevo.",
    "export-settled":
      "Es demasiado tarde: esta exportación fue aprobada, rechazada, retirada o empezada, o ha caducado.",
    "own-export":
      "Aprueba o rechaza una exportación otra persona de la administración, no quien la pidió.",
    "no-administrator-asks": "Quien pidió esta exportación ya no administra este servidor.",
    "too-many-exports":
      "Ya esperan demasiadas exportaciones. Antes hay que aprobar, rechazar o retirar algunas.",
    "too-many-meetings": "Más reuniones de las que caben en un conjunto de datos. Elija sus días.",
    "nothing-to-export": "No hay ninguna reunión lista para exportar.",
    "not-exported": "No hay ningún conjunto de datos de esta exportación que se pueda descargar.",
    "downloads-off": "Aquí no se entregan conjuntos de datos: el ajuste export_downloads es 0.",
    "too-many-downloads":
      "Ya hay demasiadas descargas en espera o en curso. Antes tienen que terminar algunas.",
    "download-over": "Esta descarga ha terminado, o ya se decidió sobre ella.",
    "not-dead": "La exportación de esta reunión no ha fallado.",
    "bad-notice": "Estas palabras no pueden figurar en el aviso.",
    "notice-unchanged": "Estas palabras ya están en vigor.",
    "notice-outdated":
      "Entretanto se publicó otra versión. Vuelva a ver la vista previa de la suya.",
    "notice-not-in-force":
      "Las palabras han cambiado desde que se le preguntó. Vuelva a cargar la página para verlas.",
    "rate-limited": "Demasiados intentos. Espere un momento e inténtelo de nuevo.",
    "meeting-deleted":
      "Esta reunión se eliminó, y con ella todo lo que decía quién estuvo en ella.",
    "receipt-erased":
      "La reunión se ha destruido, y con ella aquello de lo que se hacen los recibos. Guarde el recibo que descargó.",
    removed: "El anfitrión le ha sacado de esta reunión.",
    replaced: "Usted entró desde otro sitio.",
    "stale-statement":
      "Entretanto ha respondido en otro sitio. Lo que ve ahora es su última respuesta; responda de nuevo, por favor.",
    "storage-unavailable": "La grabación no se puede guardar en este momento.",
    "try-again":
      "Su respuesta no se ha podido guardar ahora. Se vuelve a enviar hasta que se guarde.",
    "too-large": "Lo que se envió es demasiado grande.",
    "mode-not-offered": "Este servidor no puede celebrar reuniones de este tipo.",
    "other-terms": "Las condiciones de este servidor acaban de cambiar. Inténtelo de nuevo.",
    "vault-unavailable":
      "La caja fuerte que guarda las claves aún no está lista. Inténtelo dentro de un momento.",
    "weak-password": "Una contraseña necesita al menos 12 caracteres.",
    "wrong-credentials": "El nombre de usuario o la contraseña no son correctos.",
  },

  broken: {
    title: "Algo salió mal",
    body: "Esta página se encontró con un problema inesperado. No se ha perdido nada de lo que respondió.",
    reload: "Volver a cargar",
  },

  notFound: {
    title: "Aquí no hay nada",
    body: "Puede que la dirección esté incompleta. Compruebe el enlace que recibió.",
    start: "Ir a la página de inicio",
  },

  links: {
    "cut-off":
      "Este enlace se cortó por el camino: le falta el final. Pida el enlace completo o cópielo de nuevo.",
    altered:
      "A este enlace se le añadió o cambió algo y no está claro qué enlace era. Cópielo de nuevo, de principio a fin.",
    sent: "El # de este enlace se sustituyó por el camino, así que su navegador tuvo que enviar su clave al servidor con la dirección. Assent no la usa ni la registra allí, pero un proxy delante de él pudo haberlo hecho. Use desde ahora el enlace que muestra esta página.",
  },

  unsupported: {
    webrtc:
      "Este navegador no tiene WebRTC, que el sonido y la imagen necesitan. Use un Chrome, Edge, Firefox o Safari actual.",
    insecure:
      "Los navegadores dan cámara, micrófono y claves solo a páginas abiertas con https:// (o en localhost). Pida la dirección https a quien administra este servidor.",
    sending: {
      "passed-by":
        "Este navegador no cifró lo que debía enviar. Por eso ya no se envía nada desde aquí: ni sonido ni imagen. Use otro navegador o una versión más reciente de este.",
      uncounted:
        "Este navegador no dice lo que envía, y nadie puede ver si está cifrado. Ya no se envía nada desde aquí: ni sonido ni imagen. Use otro navegador.",
      failed:
        "Falló el cifrado de lo que se envía aquí, y ya no se envía. Vuelva a cargar la página para enviar de nuevo.",
    },
  },

  signIn: {
    title: "Iniciar sesión",
    intro:
      "Aquí inician sesión anfitriones y administradores. Los invitados no necesitan cuenta: abren el enlace de su reunión.",
    login: "Nombre de usuario",
    password: "Contraseña",
    submit: "Iniciar sesión",
    signOut: "Cerrar sesión",
  },

  invitation: {
    title: "Crear su cuenta",
    forHost: "Le han invitado a organizar reuniones en este servidor.",
    forAdministrator: "Le han invitado a administrar este servidor.",
    until: (when) => `La invitación vale una vez, hasta ${when}.`,
    name: "Su nombre",
    login: "Nombre de usuario",
    loginHint: "Por ejemplo su dirección de correo. Sin espacios.",
    password: "Contraseña",
    passwordHint: "Al menos 12 caracteres. Unas palabras al azar se recuerdan fácilmente.",
    submit: "Crear cuenta",
    invalid: "Esta invitación se ha usado, ha caducado o está incompleta. Pida otra.",
  },

  password: {
    weak: {
      short: "Una contraseña necesita al menos 12 caracteres.",
      common:
        "Esta contraseña es de las que se prueban primero, o se compone de palabras comunes, teclas o números seguidos. Unas palabras al azar son mejores.",
      personal:
        "Esta contraseña se compone de su usuario, su nombre o el nombre de este servidor. Es lo primero que probarían otros.",
    },
    title: "Elegir una nueva contraseña",
    of: "Esto fija la contraseña de",
    until: (when) => `El enlace sirve una sola vez, hasta el ${when}.`,
    password: "Nueva contraseña",
    submit: "Guardar la contraseña",
    invalid: "Este enlace ya se ha usado, ha caducado o está incompleto. Pida uno nuevo.",
  },

  start: {
    title: "Reuniones",
    newMeeting: "Nueva reunión",
    name: "Nombre de la reunión",
    recording: "Grabación",
    recordingOffered: "Se puede pedir a las personas que acepten una grabación",
    recordingNever: "Esta reunión nunca podrá grabarse",
    training: "Datos de entrenamiento",
    trainingOffered:
      "También se les puede pedir que entreguen la grabación como datos de entrenamiento",
    trainingNever: "La grabación nunca podrá convertirse en datos de entrenamiento",
    fixed: "Lo que no se ofrece ahora no se podrá activar nunca en esta reunión.",
    waitingRoom: "Sala de espera: dejo entrar a las personas una por una",
    lifetime: "El enlace funciona durante",
    hours: (hours) => (hours === 1 ? "1 hora" : `${hours} horas`),
    days: (days) => (days === 1 ? "1 día" : `${days} días`),
    create: "Crear reunión",
    created: "Su reunión está lista",
    link: "Enlace de invitación",
    linkHint: "Quien tenga este enlace puede entrar. Envíelo solo a quienes invita.",
    copyLink: "Copiar enlace",
    calendar: "Archivo de calendario",
    open: "Abrir reunión",
    mine: "Mis reuniones",
    none: "Todavía no tiene reuniones.",
    newLink: "Nuevo enlace",
    newLinkConfirm:
      "¿Crear un enlace nuevo? El antiguo deja de funcionar enseguida, también para quienes lo recibieron y aún no han venido. Quienes están en la reunión se quedan.",
    linkElsewhere:
      "Esta reunión se creó en otro navegador, o su enlace ya no se guarda aquí. El servidor no tiene el enlace, así que no se puede mostrar aquí.",
    newLinkExplained: "El enlace antiguo deja de funcionar. Quienes están en la reunión se quedan.",
    end: "Terminar la reunión",
    endConfirm: (title) => `¿Terminar «${title}» para todos? No se podrá empezar de nuevo.`,
    state: {
      planned: "Sin empezar",
      running: "En marcha",
      ended: "Terminada",
      expired: "El enlace ha caducado",
    },
    offered: {
      none: "Nunca se graba",
      recording: "Puede pedirse la grabación",
      training: "Pueden pedirse grabación y entrenamiento",
    },
    since: (when) => `desde ${when}`,
    until: (when) => `hasta ${when}`,
    endedAt: (when) => `terminó ${when}`,
    console: "Administración",
    signedInAs: (name) => `Sesión de ${name}`,
  },

  door: {
    entering: "Abriendo la puerta…",
    incompleteLink:
      "Este enlace está incompleto: falta la parte después de #. Pida al anfitrión el enlace entero.",
    otherRoom:
      "Este enlace lleva a otra sala que la que muestra el servidor. No entre; pida de nuevo el enlace al anfitrión y avísele.",
    widerCharter:
      "El servidor quiere hacer en esta reunión más de lo que permite su enlace. No entre; avise al anfitrión.",
    untrue: "Lo que el servidor dice de esta reunión no concuerda. No entre; avise al anfitrión.",
    noEntrance: "No puede entrar en esta reunión",
    preview: "Usted, como le verían los demás",
    staysHere: "Esto solo lo ve usted. No se envía nada antes de que entre.",
    level: "Nivel del micrófono",
    devices: "Aparatos",
    microphone: "Micrófono",
    camera: "Cámara",
    systemDefault: "Predeterminado",
    testSound: "Reproducir un sonido",
    cleanSound: "Quitar ruido y eco",
    name: "Su nombre",
    nameHint: "Los demás en la reunión lo ven.",
    nameMissing: "Escriba su nombre, por favor.",
    questions: "Antes de entrar",
    questionsIntro:
      "Puede entrar sin responder. Responda lo que responda, la reunión es la misma para usted.",
    never: "Esta reunión se creó para que nunca pueda grabarse. No hay nada que aceptar.",
    notice: "Leer el aviso completo",
    noticeTitle: "El aviso completo",
    noticeOtherLanguage: (language) =>
      `Este aviso no está disponible en su idioma. Se muestra en ${language}.`,
    change: "Puede cambiar esto en cualquier momento.",
    join: "Entrar",
    ask: "Pedir entrar",
    returnTo: "Volver a la reunión",
    joining: "Entrando…",
    waiting: "Ha pedido entrar. El anfitrión lo verá.",
    waitingTitle: "Esperando al anfitrión",
    giveUp: "Salir",
    welcomeBack: (name) =>
      `Hola de nuevo, ${name}. Aquí se le conoce: su nombre y sus respuestas se conservan.`,
    mute: "Silenciar",
    unmute: "Activar micrófono",
    cameraOn: "Encender cámara",
    cameraOff: "Apagar cámara",
    cameraIsOff: "Su cámara está apagada",
  },

  devices: {
    microphone: {
      refused:
        "Su navegador no permite el micrófono. Permítalo junto a la barra de direcciones e inténtelo de nuevo. Sin él puede escuchar.",
      "in-use": "Otro programa está usando su micrófono. Ciérrelo e inténtelo de nuevo.",
      none: "No se encontró ningún micrófono. Puede participar y escuchar.",
      gone: "Su micrófono se ha desconectado.",
      insecure: "Los navegadores dan el micrófono solo a páginas https. Sin él puede escuchar.",
      other: "No se pudo poner en marcha su micrófono.",
    },
    camera: {
      refused:
        "Su navegador no permite la cámara. Permítala junto a la barra de direcciones e inténtelo de nuevo. También puede participar sin ella.",
      "in-use": "Otro programa está usando su cámara. Ciérrelo e inténtelo de nuevo.",
      none: "No se encontró ninguna cámara. Puede participar sin ella.",
      gone: "Su cámara se ha desconectado.",
      insecure: "Los navegadores dan la cámara solo a páginas https. Puede participar sin ella.",
      other: "No se pudo poner en marcha su cámara.",
    },
  },

  deviceNotes: {
    microphone: {
      silenced:
        "Su micrófono no da sonido: su sistema, un interruptor del micrófono o de los auriculares lo ha silenciado. Los demás le ven en silencio. Actívelo allí.",
      theirs: (name: string) =>
        `No se oye nada de ${name}: su sistema o un interruptor de su dispositivo ha silenciado el micrófono. Avísele, por ejemplo con una seña.`,
      "not-there": "El último micrófono elegido no está conectado. Se usa otro.",
      "not-changed": "El micrófono elegido no se puede usar ahora. Se sigue usando el anterior.",
    },
    camera: {
      silenced:
        "Su cámara no da imagen: su sistema, una tapa o un interruptor la retiene. Los demás no ven imagen. Ábrala allí.",
      theirs: (name: string) =>
        `La cámara de ${name} no da imagen: su sistema, una tapa o un interruptor la retiene. Avísele.`,
      "not-there": "La última cámara elegida no está conectada. Se usa otra.",
      "not-changed": "La cámara elegida no se puede usar ahora. Se sigue usando la anterior.",
    },
    speaker: {
      label: "Altavoz",
      missed: "El altavoz elegido no está o no se puede usar ahora. El sonido sale por otro.",
    },
  },

  consent: {
    recording: {
      question: "¿Puede grabarse esta reunión mientras usted está en ella?",
      short: "Grabación",
      yes: "Se graba mientras todas las personas presentes hayan dicho que sí. Quienes estuvieron pueden verla después.",
      no: "No se graba nada mientras usted está en la reunión.",
    },
    training: {
      question:
        "¿Puede la grabación convertirse en datos de entrenamiento para el aprendizaje automático?",
      short: "Datos de entrenamiento",
      yes: "Su navegador entrega su clave. La grabación solo puede entregarse cuando todas las personas que estuvieron en la reunión han entregado la suya.",
      no: "La grabación nunca podrá abrirse para entrenamiento.",
      later: "También puede responder más tarde, cuando haya visto la grabación.",
      needsRecording:
        "Un sí al entrenamiento necesita también un sí a la grabación. Responda que sí a la primera pregunta si es lo que quiere.",
      noKey:
        "La caja fuerte no tiene ahora clave para esta reunión, así que no se puede dar un sí. O todavía se está creando, o alguien retiró su sí y se destruyó.",
    },
    clear: "Borrar mi respuesta",
    othersHidden:
      "A los demás no se les dice quién dijo que no. En una reunión pequeña quizá puedan deducirlo.",
    othersShown: "Este servidor muestra a los demás de la reunión quién ha aceptado.",
    will: {
      unanswered: "Sin respuesta",
      yes: "Sí",
      no: "No",
      withdrawn: "Retirado",
    },
    counts: "Cuenta como un no.",
    send: "Enviar mis respuestas",
    sending: "Enviando…",
    notTaken: "Aún no se ha aceptado.",
    notTakenWhat:
      "El servidor no ha podido guardarlo. Se vuelve a enviar hasta que lo acepte. Deje esta página abierta o vuelva a ella en este navegador.",
    sent: "Sus respuestas se han enviado.",
    withdrawRecording: "Retirar mi sí a la grabación",
    withdrawTraining: "Retirar mi sí al entrenamiento",
    againRecording: "Decir de nuevo que sí a la grabación",
    withdrawnTraining:
      "Usted lo ha retirado. La clave está destruida, así que esto no puede responderse de nuevo en esta reunión.",
    withdrawnRecording: "Usted lo ha retirado. Lo que se grabó de usted se ha eliminado.",
    confirmTitle: "¿Retirar su sí?",
    confirmRecording:
      "La grabación se detiene al instante, y lo que se grabó de usted se elimina. La grabación de los demás sigue siendo de ellos.",
    confirmTraining:
      "Nada de esta reunión se entregará como datos de entrenamiento. La clave para ello se destruye, para siempre.",
    cannotUndo:
      "Lo que esto no puede deshacer: grabaciones que ya se exportaron, programas que ya aprendieron de ellas, y copias que alguien hizo mientras podía verlas.",
    confirm: "Retirar mi sí",
    keep: "Mantener mi respuesta",
    onlyWithRecording: "Esto retira también su sí al entrenamiento.",
    nothingOffered: "En esta reunión no se pregunta nada: nunca puede grabarse.",
    trainingNotOffered: "El entrenamiento no se pregunta en esta reunión ni se preguntará nunca.",
  },

  receiptLink: {
    title: "Su enlace personal",
    label: "Enlace personal",
    why: "Guarde este enlace. Con él puede ver sus respuestas, cambiarlas o retirarlas, y aceptar el entrenamiento más tarde, sin cuenta. Es una llave: nadie más debería tenerlo.",
    lost: "Si lo pierde, y este navegador olvida la reunión, ya no podrá hacer nada de esto por sí mismo. El servidor no lo tiene.",
    copy: "Copiar enlace personal",
    banner:
      "Guarde su enlace personal: con él puede ver, cambiar y retirar sus respuestas más tarde, sin cuenta. Es una llave, solo para usted.",
    notKept:
      "Este navegador no guarda nada: al cerrar esta página, su clave se pierde. Copie antes el enlace.",
    bannerCopy: "Copiar mi enlace",
    bannerDone: "Hecho",
    open: "Abrir mi recibo",
  },

  meeting: {
    main: "Reunión",
    controls: "Controles",
    messages: "Mensajes",
    capture: {
      off: "No se graba",
      paused: "En pausa: no todos han aceptado",
      recording: "Grabando",
      unknown: "No se sabe: reconectando",
    },
    never: "Nunca se graba",
    agreed: (agreed, present) => `${agreed} de ${present} han aceptado`,
    allAgreed: "todos han aceptado",
    notAllAgreed: "no todos han aceptado",
    stateButton: (state, count) => `${state} · ${count}`,
    mute: "Silenciar",
    unmute: "Activar micrófono",
    cameraOn: "Encender cámara",
    cameraOff: "Apagar cámara",
    share: "Compartir pantalla",
    stopSharing: "Dejar de compartir",
    peopleButton: (count) => `Personas (${count})`,
    answers: "Mis respuestas",
    leave: "Salir",
    startRecording: "Empezar a grabar",
    stopRecording: "Dejar de grabar",
    startHint: "Graba solo mientras todos hayan aceptado.",
    shortcuts: "Atajos de teclado",
    useShortcuts: "Usar teclas sueltas como atajos",
    shortcutList: {
      M: "Silenciar o activar el micrófono",
      V: "Cámara encendida o apagada",
      P: "Personas",
      A: "Mis respuestas",
      D: "Dispositivos",
      "?": "Esta lista",
    },
    tile: (name) => name,
    yourTile: (name) => `${name} (usted)`,
    screenOf: (name) => `Pantalla de ${name}`,
    muted: "Silenciado",
    notBrought: "No ha venido por la invitación",
    mutedBySystem: "Silenciado por el sistema",
    darkenedBySystem: "Imagen retenida por el sistema",
    away: "Conexión perdida",
    empty: "No hay nadie más aquí.",
    emptyHint: "Los demás aparecerán aquí cuando entren.",
    soundBlocked: "Su navegador ha silenciado esta página hasta que haga clic.",
    soundOn: "Activar el sonido",
    reconnecting: "Conexión perdida. Reconectando…",
    mediaTrouble:
      "Se están reconectando el sonido y la imagen… Si esto continúa, puede que su red no los deje pasar.",
    weakConnection:
      "Su conexión es débil. El sonido va primero; las imágenes pueden ser más pequeñas o pararse.",
    noRoom:
      "El disco del servidor está casi lleno. No se graba nada, para que quede sitio para lo que las personas dicen y retiran.",
    storageTrouble: "La grabación no se puede guardar, así que no se está grabando nada.",
    overloaded:
      "El servidor no pudo seguir el ritmo de lo que había que grabar. No se está grabando nada; empieza de nuevo por sí solo.",
    unsigned: {
      title: "No firmado por ningún anfitrión",
      armed:
        "El servidor dice que esta reunión se está grabando, o puede grabarse. Ningún anfitrión lo ha firmado.",
      untrue:
        "El servidor muestra, en nombre de un anfitrión, algo que ningún anfitrión ha firmado.",
      silenced:
        "Se han apagado su micrófono, su cámara y su pantalla. Lo que vuelva a encender quizá se grabe.",
    },
    disputed: (count) =>
      `${count === 1 ? "El navegador de una persona avisa" : `Los navegadores de ${personas(count)} avisan`} de que esta grabación no es lo que se mostró allí. Pregunte qué dice la advertencia.`,
    answerRefused:
      "Su respuesta no se pudo enviar, así que cuenta como sin respuesta. Abra «Mis respuestas» y responda de nuevo.",
    asked: "El anfitrión pregunta a todos una vez más si la reunión puede grabarse.",
    askedOpen: "Responder",
    notNow: "Ahora no",
    ghostTitle: "Cuidado: esta grabación no es lo que se le mostró",
    ghostWhat:
      "La grabación que acaba de empezar puede abrirla alguien, o con claves, que no se le mostraron. Dígaselo a los demás. Puede retirar su sí, o salir.",
    ghost: {
      "bad-document": "La lista del servidor de para quién se graba no se puede leer.",
      "other-meeting": "Se preparó para otra reunión, otro aviso u otra caja fuerte.",
      "broken-chain": "No sigue al tramo anterior.",
      stranger: "Puede abrirla alguien que no se le mostró.",
      missing: "Alguien que está aquí no figura en su lista.",
      "wrong-keys": "Nombra otras claves que las que traían las personas.",
    },
    checked: (count) =>
      `Comprobado por su navegador: ${personas(count)} ${count === 1 ? "puede" : "pueden"} ver este tramo, y todas se le mostraron.`,
    announce: {
      "recording-started": "La grabación ha empezado.",
      "recording-paused": "La grabación está en pausa: no todos han aceptado.",
      "recording-stopped": "La grabación ha parado.",
      joined: (name) => `${name} ha entrado.`,
      left: (name) => `${name} ha salido.`,
      waiting: (name) => `${name} pide entrar.`,
      muted: "Su micrófono está silenciado.",
      unmuted: "Su micrófono está activado.",
    },
  },

  device: {
    title: "Usar otra cámara",
    what: "Una cámara, un codificador como OBS o un sistema de sala puede participar como usted: envía su imagen y su sonido junto a los suyos, o muestra a los demás en una pantalla.",
    covered:
      "Para todos, es usted. Lo que haya respondido sobre la grabación y el entrenamiento vale también para él, y se detiene cuando usted sale.",
    draw: "Mostrar dirección y token",
    drawAgain: "Crear un token nuevo",
    again: "Un token nuevo termina el anterior y el dispositivo que lo usa.",
    drawn: "Se muestran la dirección y el token.",
    end: "Terminar el dispositivo",
    endConfirm:
      "¿Terminar el dispositivo? Deja enseguida de enviar y de mostrar. Para usarlo otra vez necesita un token nuevo.",
    ended: "El dispositivo ha terminado.",
    access: "Lo que necesita el dispositivo",
    whip: "Dirección para enviar (WHIP)",
    copyWhip: "Copiar la dirección para enviar",
    token: "Token de acceso (bearer token)",
    copyToken: "Copiar el token",
    secret: (until: string) =>
      `Quien tenga el token es usted en esta reunión: no se lo dé a nadie. Solo se muestra aquí y ahora, y vale hasta ${until}.`,
    whep: "Dirección para ver (WHEP)",
    copyWhep: "Copiar la dirección para ver",
    whepHint: "Con el mismo token, para una pantalla que muestra a los demás.",
    elsewhere:
      "Se creó un token antes de abrir esta página. No se vuelve a mostrar; cree uno nuevo si lo necesita.",
    state: "Su dispositivo",
    awaited: "Todavía no se ha conectado ningún dispositivo.",
    does: {
      whip: "Un dispositivo está conectado y envía como usted.",
      whep: "Un dispositivo está conectado y muestra a los demás.",
    },
  },

  people: {
    title: "Personas",
    recorder: "Grabador",
    recorderExplained: "Guarda esta reunión, cifrada, mientras todos acepten.",
    notBrought:
      "No ha venido por su enlace de invitación: cualquiera puede estar detrás de este nombre.",
    nameless: "El nombre que da el servidor no es el que esta persona ha firmado.",
    withoutLink:
      "Este navegador no tiene el enlace de invitación de esta reunión. Por eso no puede decir quién ha venido por él, y a los demás se les dice que usted no ha venido por él.",
    absentHost: "No está aquí, y aun así puede ver lo que se graba.",
    agreed: "Ha aceptado la grabación",
    notAgreed: "No ha aceptado",
    waiting: "Esperan para entrar",
    doubts: {
      removed: "Un anfitrión ha expulsado a esta persona. El servidor la muestra de todos modos.",
      "not-certified": "Anfitrión solo según el servidor: la clave de esta reunión no lo dice.",
      "not-admitted": "Ningún anfitrión ha firmado que esta persona pudiera entrar.",
    },
    certify: (name) => `Confirmar a ${name} como anfitrión`,
    certifyShort: "Confirmar como anfitrión",
    uncertified:
      "Usted es anfitrión solo según el servidor: la clave de esta reunión está en el navegador en que se creó. Aquí puede detener la grabación, rechazar a quien espera, cerrar la puerta y terminar la reunión. Para grabar, dejar entrar o expulsar, use ese navegador, o haga que le confirmen desde él.",
    admit: (name) => `Dejar entrar a ${name}`,
    deny: (name) => `Rechazar a ${name}`,
    admitShort: "Dejar entrar",
    denyShort: "Rechazar",
    remove: (name) => `Sacar a ${name}`,
    removeConfirm: (name) =>
      `¿Sacar a ${name} de esta reunión? Sale de inmediato. El enlace que tiene sigue siendo válido, así que desde ahora usted deja entrar a quien llegue nuevo.`,
    removeShort: "Sacar",
    hostTitle: "Para el anfitrión",
    lock: "Cerrar la reunión",
    unlock: "Abrir la reunión",
    locked: "Cerrada: no puede entrar nadie más.",
    askAgain: "Preguntar de nuevo a todos",
    askAgainHint:
      "Va a todos por igual. No se le muestra quién no ha aceptado; en una reunión pequeña quizá pueda deducirlo.",
    askedDone: "Se ha preguntado a todos.",
    endForAll: "Terminar para todos",
    endConfirm: "¿Terminar la reunión para todos? No se podrá empezar de nuevo.",
    copyLink: "Copiar enlace de invitación",
  },

  left: {
    titles: {
      left: "Ha salido de la reunión",
      removed: "El anfitrión le ha sacado de esta reunión",
      denied: "El anfitrión no le ha dejado entrar",
      ended: "La reunión ha terminado",
      expired: "El tiempo de la reunión ha acabado",
      replaced: "Entró desde otra ventana",
      restarting: "El servidor se está reiniciando",
      crowded: "Demasiadas personas quieren entrar",
    },
    refused: "Ya no está en la reunión",
    again: "Entrar de nuevo",
    askAgain: "Preguntar de nuevo",
    here: "Usar esta ventana",
    asNew: "Olvidar mi lugar aquí",
    asNewConfirm:
      "¿Olvidar el lugar aquí y tomar otro? Entra como una persona nueva, y nadie puede volver a dar las respuestas de la anterior. Su clave queda en este navegador y su enlace personal sigue funcionando.",
    asNewExplained:
      "El servidor ya no conoce el lugar de este navegador en la reunión. Guarde su enlace personal, si lo hay; después olvide el lugar aquí y abra de nuevo el enlace de invitación.",
  },

  receipt: {
    title: "Su recibo",
    of: (title) => `de «${title}»`,
    incomplete:
      "Este enlace está incompleto, y este navegador no conoce la reunión. Abra el enlace personal entero.",
    invalid: "La clave de este enlace no se puede leer. Compruebe que el enlace está completo.",
    unknown: "El servidor no tiene nada de quien posee este enlace.",
    untrue:
      "Lo que tiene el servidor no concuerda con la clave de este enlace. Se ha cambiado, o es de otra persona. No confíe en ello.",
    checking: "Comprobando firmas…",
    checked: "Comprobado ahora mismo en su navegador",
    checkedWhat: (answers) =>
      answers === 0
        ? "Su inscripción está firmada con su clave. No ha respondido nada."
        : `Su inscripción y ${answers === 1 ? "su respuesta" : `sus ${answers} respuestas`} están firmadas con su clave, y no falta ninguna entre medias.`,
    meeting: "La reunión",
    started: (when) => `Empezó ${when}`,
    ended: (when) => `Terminó ${when}`,
    notStarted: "No ha empezado",
    running: "Sigue en marcha",
    stretches: (count) =>
      count === 0
        ? "No se grabó nada."
        : count === 1
          ? "Se grabó 1 tramo."
          : `Se grabaron ${count} tramos.`,
    now: "Mis respuestas ahora",
    formerKeys: "Otras claves suyas",
    formerKeysWhat:
      "Ha venido a esta reunión más de una vez desde este navegador. Cada vez tiene sus propias respuestas; ábralas para verlas y cambiarlas.",
    history: "Qué respondí, y cuándo",
    none: "No ha respondido nada.",
    when: "Cuándo",
    words: "Palabras",
    readWords: (language) => `Leer las palabras (${language})`,
    wordsTitle: "Las palabras a las que está ligada esta respuesta",
    released: "Datos de entrenamiento: qué pasa con la grabación",
    release: {
      none: "No se va a entregar nada. La grabación sigue cifrada.",
      cooling: (when) =>
        `Todos han dicho que sí. Se entregará ${when}. Hasta que se exporte, todavía puede retirar su sí.`,
      ready:
        "Todos han dicho que sí. La grabación está lista para exportarse. Todavía puede retirar su sí.",
      claimed: "La grabación se está exportando ahora mismo.",
      exported:
        "La grabación se ha exportado como datos de entrenamiento. Retirar su sí no puede deshacerlo. La deja fuera de cualquier otro conjunto de datos.",
      dropped: "La entrega se ha detenido. No se exportará nada de ella.",
    },
    dataSet: {
      title: "Entregada en un conjunto de datos",
      givenTo: (recipient: string, purpose: string) => `Entregado a ${recipient}, para ${purpose}.`,
      before:
        "A quién se entregó, y para qué, no consta en ningún registro: se exportó antes de que eso se anotara.",
      nobodySaid: "Quien lo mandó exportar no dijo a quién se entrega ni para qué.",
      fromLog: "Esto es lo que dice el registro. Se ha comprobado aquí, con su prueba.",
      fromServer: "Por ahora solo lo dice el servidor. No se ha comprobado con el registro.",
      differs:
        "El servidor dice de este conjunto de datos algo distinto que el registro. Lo que ve aquí es lo que dice el registro.",
      recall: "Revocada",
      recalled: (when: string) =>
        `Revocada el ${when}: quien tenga el conjunto de datos debe quitar de él esta reunión.`,
      reasons: {
        withdrawn: "Alguien retiró su sí.",
        revoked: "Se retiró por alguien.",
        deleted: "La reunión se eliminó.",
      },
      recallSigned: "La bóveda ha firmado esta revocación. La firma se ha comprobado aquí.",
      recallUntrue:
        "El servidor muestra una revocación de esta reunión que su bóveda no ha firmado. No prueba nada.",
      recallAwaited:
        "Se retiró algo después de la exportación. Todavía no se ha publicado una revocación.",
      fetched: (first: string, last: string) =>
        `Solo lo dice el servidor: la revocación se descargó por primera vez el ${first}, y por última hacia el ${last}. No guarda quién. Que se descargara no demuestra que se quitara nada.`,
      notFetched: "Solo lo dice el servidor: nadie ha descargado todavía la revocación.",
    },
    notOffered: "El entrenamiento no se ofreció en esta reunión ni se ofrecerá nunca.",
    proof: "Prueba",
    person: "Su identificador en esta reunión",
    vault: "Huella de la caja fuerte",
    server: "Huella del servidor",
    charter: "Resumen de lo que podía preguntarse",
    build: "Resumen del cliente que le preguntó",
  },

  watching: {
    title: "La grabación",
    opening: "Abriendo la grabación…",
    watch: "Ver",
    summary: (length, stretches) =>
      `${inWords(length)} en ${stretches === 1 ? "un tramo" : `${stretches} tramos`}.`,
    others: (count) =>
      count === 1
        ? "Se grabó otro tramo sin usted. No puede abrirlo."
        : `Se grabaron otros ${count} tramos sin usted. No puede abrirlos.`,
    notYet: "Todavía no hay nada que ver. Un tramo puede verse cuando está cerrado.",
    nothingForYou: "No hay ningún tramo que usted pueda abrir: no se grabó nada mientras estaba.",
    stillRecording: "Se sigue grabando",
    destroyedAt: (when) => `La grabación y sus claves se destruyeron ${when}.`,
    cannotPlay:
      "Este navegador no puede reproducir lo que se graba. Abra su enlace en un Chrome, Edge, Firefox o Safari actual.",
    openedHere: (until) =>
      `Se descifra en este navegador, con la clave de su enlace. El servidor no puede abrirla. Se conserva como mucho hasta ${until}.`,
    trouble: {
      unreachable: "No se puede llegar al servidor. La reproducción sigue cuando se pueda.",
      untrue:
        "Una parte de la grabación no concuerda con lo que se firmó. Se ha cambiado o es de otro sitio, y no se muestra.",
      destroyed: "Las claves de esta grabación se destruyeron. Ya no se puede abrir.",
      unplayable: "Este navegador no pudo leer la grabación.",
    },
    damaged: (count) =>
      count === 1
        ? "Una pieza no concuerda con lo que se firmó, y se dejó fuera."
        : `${count} piezas no concuerdan con lo que se firmó, y se dejaron fuera.`,
    someDeleted: (count) =>
      count === 1
        ? "Una persona ha hecho eliminar su parte."
        : `${count} personas han hecho eliminar su parte.`,
    partDeleted: "Eliminado por deseo suyo",
    nameless: "Alguien",
    region: "Reproductor de la grabación",
    everyone: "Todas las personas de la grabación",
    large: (name) => `Mostrar a ${name} en grande`,
    controls: "Reproducción",
    play: "Reproducir",
    pause: "Pausa",
    back: "Diez segundos atrás",
    forward: "Diez segundos adelante",
    loading: "Cargando",
    speed: "Velocidad",
    times: (speed) => `${speed}×`,
    seek: "Lugar en la grabación",
    position: (at, of) => `${inWords(at)} de ${inWords(of)}`,
    whoSpeaks: "Quién habla y cuándo",
    whoSpeaksHow:
      "Dibujado según el sonido que envió cada micrófono, de segundo en segundo o de dos en dos. El ruido también cuenta.",
    spoke: (name, share) => `Sonido de ${name} en el ${share} % de la grabación`,
    volume: (name) => `Volumen de ${name}`,
    pauses: (count, length) =>
      count === 1
        ? `Se salta una pausa de ${inWords(length)}: entonces no se grabó nada.`
        : `Se saltan ${count} pausas, ${inWords(length)} en total: entonces no se grabó nada.`,
    stretches: (count) =>
      count === 1
        ? "El tramo, y quién puede abrirlo"
        : `Los ${count} tramos, y quién puede abrirlos`,
    began: "Comienzo",
    length: "Duración",
    couldOpen: "Quién puede abrirlo",
    interrupted: "interrumpido",
    people: (count, names) => `${personas(count)}${names === "" ? "" : `: ${names}`}`,
    copyTitle: "Una copia para mí",
    copyMeans:
      "Una copia en su aparato está fuera de Assent. No está cifrada, nadie puede eliminarla para las personas que aparecen en ella, y quien la consiga puede verla. Esas personas aceptaron que las vieran quienes estuvieron.",
    copy: "Descargar",
    copyOf: (track) => `Descargar ${track}`,
    track: (name, source) => `${name}, ${source}`,
    sources: {
      microphone: "micrófono",
      camera: "cámara",
      screen: "pantalla",
      "screen-audio": "sonido de la pantalla",
      "device-microphone": "sonido de otro aparato",
      "device-camera": "imagen de otro aparato",
    },
    copied: "La copia está en su aparato.",
    copiedPartly: (missing) =>
      `La copia está en su aparato, sin ${missing === 1 ? "una pieza eliminada o dañada" : `${missing} piezas eliminadas o dañadas`}.`,
    notCopied: "No se pudo acabar la copia. No se guardó nada de ella, o solo una parte.",
    deleteTitle: "Mi parte de la grabación",
    deleteWhat:
      "Puede hacer que se elimine todo lo que se grabó de usted: su voz, su imagen, su pantalla. Lo que se grabó de los demás sigue siendo de ellos.",
    deletePart: "Eliminar mi parte",
    keepPart: "Conservar mi parte",
    deleteConfirm: "¿Eliminar todo lo que se grabó de usted?",
    deleting: "Se está eliminando su parte. Esta página dirá cuándo no queda nada de ella.",
    deletedAt: (when) => `Su parte se eliminó. No quedaba nada de ella en el servidor ${when}.`,
    deleteLimits:
      "Las copias que alguien hizo mientras podía verla están fuera de lo que el servidor puede eliminar.",
    droppedRevoked: "El anfitrión o un administrador retiró algo; por eso no se liberó.",
    droppedWithdrawn: "Alguien ha retirado su sí.",
    droppedRetention: "El tiempo durante el que podía conservarse ha pasado.",
    droppedOther: "Ya no estaba todo lo que necesita una entrega.",
    dataSet: "Conjunto de datos",
    exportedAt: "Exportado",
    manifest: "Resumen de su lista de archivos",
  },

  acts: {
    open: "Retirar o eliminar",
    title: (meeting) => `Retirar o eliminar: ${meeting}`,
    explained:
      "Para alguien que perdió su enlace o que se lo pide. Aquí solo se quita: nadie puede aceptar nada por otra persona. Queda registrado con su función, y la persona lo ve en su página.",
    names: "Usted ve quién estuvo, y nunca lo que respondió nadie.",
    nobody: "Nadie estuvo en esta reunión.",
    withdraw: "Retirar el entrenamiento",
    deletePart: "Eliminar su parte",
    deleteMeeting: "Eliminar la reunión",
    confirm: {
      training: (name) => `¿Retirar el entrenamiento por ${name}?`,
      recording: (name) => `¿Eliminar la parte de ${name}?`,
      meeting: (title) => `¿Eliminar «${title}»?`,
    },
    what: {
      training:
        "La grabación de esta reunión nunca se liberará para entrenamiento, y se destruye la clave de la bóveda. Se puede seguir viendo.",
      recording:
        "Se retira el sí de esta persona a la grabación y al entrenamiento. Todo lo que se grabó de ella se elimina, y la grabación de esta reunión nunca se liberará para entrenamiento. Los demás conservan su parte.",
      meeting:
        "La grabación, sus claves y todo lo que dice quién estuvo se eliminan, ahora y para todos. Si la reunión está en curso, termina.",
    },
    cannotUndo:
      "Esto no se puede deshacer. No alcanza a lo que se exportó antes ni a las copias que alguien haya hecho.",
    done: "Hecho. Se lleva a cabo ahora.",
    doneBy: {
      training: (by, when) => `${by} retiró el entrenamiento, ${when}`,
      recording: (by, when) => `${by} hizo eliminar la parte, ${when}`,
      meeting: (by, when) => `${by} eliminó esta reunión, ${when}`,
    },
    forYou: {
      title: "Retirado por usted",
      training: (by, when) => `${by} retiró por usted el sí al entrenamiento (${when}).`,
      recording: (by, when) =>
        `${by} retiró por usted el sí a la grabación y al entrenamiento, e hizo eliminar su parte (${when}).`,
      meeting: (by, when) => `${by} eliminó esta reunión (${when}).`,
      hint: "Usted mismo puede retirar más, y nadie puede deshacerlo. Sobre lo que se grabe desde ahora decide de nuevo.",
    },
    byOthers: "Otra persona lo retiró por usted.",
    notAdmitted:
      "No se le dejó entrar en esta reunión. No se grabó nada de usted, y lo que respondió no cuenta.",
  },
  console: {
    actions: "Acciones",
    endMeeting: "Terminar la reunión",
    endTitle: (title) => `¿Terminar «${title}» para todos?`,
    endBody:
      "Todos los que están en ella salen al instante, su grabación se detiene y no se puede volver a empezar.",
    disableBody:
      "La cuenta se cierra en todas partes. Sus reuniones en curso terminan para todos y no se pueden volver a empezar; las demás quedan cerradas hasta que se desbloquee. Terminan sus invitaciones, sus enlaces de contraseña y sus exportaciones no empezadas.",
    disable: "Bloquear",
    enable: "Desbloquear",
    resetPassword: "Nueva contraseña",
    resetConfirm: (name: string) =>
      `¿Crear un enlace con el que se puede fijar una nueva contraseña para ${name}? Quien tenga el enlace puede entrar como ${name}. Sirve una vez, durante un día, y no se puede retirar.`,
    resetLink: (login) => `Enlace que fija la contraseña de ${login}`,
    title: "Administración",
    meetings: "Reuniones",
    noMeetings: "Todavía no hay reuniones.",
    overview: {
      title: "Resumen",
      states: { ready: "Listo", "not-ready": "No está listo", unknown: "No se sabe por ahora" },
      notKnown: "Aún no se sabe nada.",
      asOf: (when: string) => `Lo que sigue es de ${when}.`,
      warnings: "Hay que ocuparse de:",
      reasons: {
        "worker-silent": "el proceso de la bóveda no da señales de vida",
        "worker-not-running": "el proceso de la bóveda no está en marcha",
        "media-not-running": "nada transporta el sonido y la imagen",
        "clock-unconfirmed": "el reloj es dudoso hasta que alguien lo confirme",
        "answers-owed":
          "lo que han dicho las personas aún no se ha podido guardar y queda retenido",
        "log-not-published": "el registro público ya no se muestra más allá",
        "client-not-built": "las páginas de este servidor no están construidas",
        "vault-never-seen": "el proceso de la bóveda no se ha iniciado nunca",
        "space-low": "un disco está casi lleno",
        "space-unknown": "no se puede averiguar cuánto espacio queda en un disco",
        "database-unavailable": "no se puede acceder a la base de datos",
        "recordings-unrecovered": "hay grabaciones interrumpidas que aún no se han cerrado",
        "certificate-expired": "el certificado ha caducado",
        "certificate-expires-soon": "el certificado caduca en 30 días o menos",
        "certificate-expires-very-soon": "el certificado caduca en 7 días o menos",
      },
      meetings: "Reuniones ahora",
      running: (running: number, count: number) =>
        `${running} con alguien dentro, ${personas(count)} en total`,
      exports: "Exportaciones",
      exportsRunning: (running: number, requested: string) =>
        `${running} escribiéndose, ${requested} pedidas y sin empezar`,
      worker: "Proceso de la bóveda",
      heard: (when: string) => `última señal: ${when}`,
      neverHeard: "no se sabe: nunca ha dado señales de vida",
      certificate: "Certificado",
      noCertificate: "no se sabe: este servidor no muestra ninguno por sí mismo",
      expires: (days: number, when: string) =>
        `${days === 1 ? "queda 1 día" : `quedan ${days} días`}, hasta ${when}`,
      expired: "caducado",
      disks: "Espacio en los discos",
      free: (free: string, total: string) => `${free} libres de ${total}`,
      belowFloor: (floor: string) => `– menos que los ${floor} que necesitan las grabaciones`,
      destructions: (days: number) => `Se destruye en ${days} días`,
      recordings: (count: string) => (count === "1" ? "1 reunión" : `${count} reuniones`),
      toDo: "Por hacer",
      recalls: (meetings: number, dataSets: number) =>
        `${meetings === 1 ? "Se ha retirado 1 reunión" : `Se han retirado ${meetings} reuniones`} de ${dataSets} ${dataSets === 1 ? "conjunto de datos" : "conjuntos de datos"}. Aquí no se sabe si se ha quitado de todas las copias.`,
      owed: (count: string) =>
        `${count} ${count === "1" ? "eliminación ordenada aún no se ha visto hecha" : "eliminaciones ordenadas aún no se han visto hechas"}; el proceso de la bóveda sigue por sí solo`,
      none: "nada",
    },
    notices: {
      title: "Aviso",
      hint: "Las palabras que se pide a las personas que acepten. Una versión publicada no se cambia nunca más.",
      inForce: (version: number) => `La versión ${version} está en vigor para las reuniones nuevas`,
      byServer: "publicada por el servidor al iniciarse",
      noPlace: (languages: string) =>
        `Los avisos de notice_dir no tienen \${own_words} en: ${languages}. Mientras sea así, aquí no se puede añadir nada.`,
      digests: "Huellas (SHA-256)",
      immutable: "Cada respuesta está ligada a una de ellas.",
      kinds: {
        both: "se pregunta por la grabación y el entrenamiento",
        recording: "se pregunta solo por la grabación",
        nothing: "no se pregunta nada",
      },
      write: "Escribir una versión nueva",
      fixed:
        "Lo que el aviso dice de la grabación, el entrenamiento, los datos, la conservación y la retirada es fijo: viene de los archivos del aviso, que son los del programa o los de notice_dir, de los ajustes de este servidor y de la carta de cada reunión, pues tiene que decir lo que se lleva a cabo. Nadie puede cambiarlo ni quitarlo aquí. Lo que usted escriba figura en una sección propia al final, como palabras de quien administra este servidor. Hace falta en todas las lenguas, o en ninguna.",
      mayStand: "Qué puede figurar en ella",
      markdown:
        "Markdown: párrafos, listas, palabras en negrita y cursiva, enlaces, títulos a partir de ###.",
      facts: "Datos de este servidor que se insertan:",
      passages:
        "Un pasaje solo para algunas reuniones; también: training not offered, recording offered, recording not offered, names shown, names hidden.",
      length: (count: number, most: number) => `${count} de ${most} caracteres`,
      preview: "Vista previa",
      next: (version: number) => `Versión ${version}, sin publicar`,
      language: "Lengua",
      kind: "Reuniones en las que",
      asAtTheDoor: "Como se ve en la puerta",
      compared: (version: number) => `Comparada con la versión ${version}, que está en vigor`,
      newLanguage: "Esta lengua es nueva.",
      unchanged: (lines: number) =>
        lines === 1 ? "1 línea como antes" : `${lines} líneas como antes`,
      added: "Añadido:",
      removed: "Quitado:",
      forWhom: "Qué cambia y para quién",
      runningKeep: (count: number) =>
        `Las reuniones que han empezado (${count}) conservan las palabras que nombra su carta.`,
      plannedKeep: (count: number) =>
        `Las reuniones creadas que no han empezado (${count}) también conservan las suyas.`,
      newGet: (version: number) =>
        `Las reuniones que se creen después reciben la versión ${version}.`,
      answersStay: "Las respuestas dadas siguen ligadas a las palabras que se mostraron.",
      publish: (version: number) => `Publicar la versión ${version}`,
      publishConfirm: (version: number) =>
        `¿Publicar la versión ${version} para todas las reuniones nuevas? Entra en el registro público y no se puede cambiar ni retirar; solo puede seguirla otra versión.`,
      published: "La versión nueva está en vigor para las reuniones nuevas.",
      reasons: {
        empty: "Hay palabras en otras lenguas y ninguna en esta.",
        "too-long": "Estas palabras son demasiado largas.",
        "control-character": "Hay un carácter de control en estas palabras.",
        heading:
          "Un título no puede ser mayor que ###: pondría fin a la sección que dice de quién son estas palabras.",
        rule: "Una línea divisoria pondría fin a la sección que dice de quién son estas palabras.",
        "unknown-fact": "Hay en estas palabras un ${…} que no es un dato de este servidor.",
        marks: "Las marcas %% de estas palabras no encajan.",
        "language-missing": "Cada lengua del aviso necesita una entrada.",
        "language-unknown": "El aviso no existe en esta lengua.",
        "no-place":
          "El aviso propio del servidor no tiene sitio para estas palabras en esta lengua.",
      },
    },
    log: {
      title: "Registro público",
      hint: "Lo que se dice y se hace está aquí en forma de resúmenes con sal, y no puede volver a quitarse. Cualquiera puede leerlo en /log.",
      head: (size, at) => `${size} entradas, mostradas desde ${at}`,
      problem: (code) => `El registro no avanza: ${code}`,
      noWitnesses: "A ningún testigo se le pide que lo contrafirme.",
      cosigned: (size) => `${size} entradas contrafirmadas`,
      witnessProblem: (code) => `no contrafirmado: ${code}`,
    },
    columns: {
      meeting: "Reunión",
      people: "Personas",
      recording: "Aceptaron la grabación",
      training: "Aceptaron el entrenamiento",
      stretches: "Tramos grabados",
      gate: "¿Puede entregarse?",
      release: "Entrega",
    },
    counted: "Aquí se cuenta a las personas, nunca se las nombra.",
    gate: {
      release: "Sí",
      blocked: "No",
      unknown: "Aún no examinada",
    },
    reasons: {
      "training-not-offered": () => "el entrenamiento nunca se ofreció",
      "not-over": () => "la reunión no ha terminado",
      "recording-open": () => "su grabación aún no está cerrada",
      "nothing-recorded": () => "no se grabó nada",
      "not-answered": (count) => `${personas(count)} no ${count === 1 ? "ha" : "han"} respondido`,
      refused: (count) => `${personas(count)} ${count === 1 ? "dijo" : "dijeron"} que no`,
      revoked: () => "el anfitrión, un administrador o el operador retiró algo",
      withdrawn: (count) =>
        `${personas(count)} ${count === 1 ? "ha retirado" : "han retirado"} su sí`,
      "bad-evidence": (count) => `las pruebas de ${personas(count)} no son válidas`,
      "sealed-seed-missing": (count) => `no se entregó la clave de ${personas(count)}`,
      "notice-not-in-force": (count) =>
        `${personas(count)} ${count === 1 ? "aceptó" : "aceptaron"} otras palabras`,
      "segments-damaged": (count) =>
        count === 1
          ? "1 parte guardada está dañada o falta"
          : `${count} partes guardadas están dañadas o faltan`,
      destroyed: () => "algo de ella se ha destruido",
      "retention-over": () => "su tiempo de conservación ha pasado",
      "answers-owed": (count: number) =>
        `el servidor aún no ha podido guardar lo que ${personas(count)} ${count === 1 ? "ha" : "han"} retirado`,
      "report-unreadable": () => "lo último que se averiguó sobre ella no se puede leer",
      "not-logged": () => "lo guardado no es lo que, según el registro, se dijo y se grabó",
      "vault-key-missing": () => "su clave ya no existe",
      "export-segments-damaged": () =>
        "su exportación falló: había partes guardadas dañadas o que faltaban",
      "export-bad-evidence": () => "su exportación falló: sus pruebas no concuerdan entre sí",
      "export-no-frames": () => "su exportación falló: no contiene sonido ni imagen",
      "export-timeline-too-long": () =>
        "su exportación falló: sus horas están demasiado alejadas entre sí",
      "retry-asked": () => "alguien ha pedido intentarlo de nuevo",
      "vault-lost": () => "su bóveda se perdió",
      "cooling-off": () => "su tiempo de reflexión no ha pasado",
    },
    otherReason: (code, count) => (count > 0 ? `${code} (${count})` : code),
    release: {
      cooling: (when) => `Tiempo de reflexión, lista ${when}`,
      ready: () => "Lista para exportar",
      claimed: () => "Exportándose",
      exported: () => "Exportada",
      dropped: () => "Descartada",
    },
    noRelease: "–",
    queue: "Cola de entregas",
    releases: {
      hint: "Cada reunión que se ha examinado. Esta lista se mantiene al día por sí sola.",
      empty: "No hay ninguna.",
      filter: "Qué estado mostrar",
      all: "Todas",
      columns: {
        meeting: "Reunión",
        state: "Estado",
        since: "Desde",
        next: "Qué viene después",
        why: "Por qué",
      },
      states: {
        cooling: "Tiempo de reflexión",
        ready: "Lista",
        claimed: "Exportándose",
        exported: "Exportada",
        dropped: "Descartada",
        dead: "Exportación fallida",
        blocked: "Bloqueada",
      },
      readyAt: (when) => `lista ${when}`,
      waits: "entra en la próxima exportación",
      leasedUntil: (when) =>
        `el proceso de trabajo la retiene hasta ${when} y lo prolonga mientras trabaja`,
      inExport: "en el conjunto de datos",
      retry: "Intentar de nuevo",
      retryAsked: (when) => `nuevo intento pedido ${when}`,
      retrySaid: "Se examinará de nuevo.",
    },
    pages: { label: "Páginas", newest: "Más recientes", older: "Más antiguas" },
    figures: {
      title: "Cifras",
      hint: "Se cuenta lo que hay: lo que se ha destruido desde entonces ya no está en ninguna columna. Los días son los de UTC.",
      span: "Periodo",
      days: (count) => `${count} días`,
      total: (count) => `${count} en total`,
      table: "Como tabla",
      since: "A partir del",
      series: {
        meetings: "Reuniones creadas",
        recordings: "Tramos grabados",
        answers: "Respuestas firmadas",
        releases: "Entregas puestas en cola",
        exports: "Reuniones exportadas",
        deletions: "Borrados ordenados",
      },
      storageOverTime: "Espacio en uso a lo largo del tiempo",
      storageHint:
        "Lo máximo que estuvo en uso, anotado cada seis horas por este servidor desde que puede.",
      storage: "Discos",
      places: { objects: "grabaciones", server: "claves del servidor", database: "base de datos" },
      used: (used, total) => `${used} de ${total} en uso`,
      unknown: "no se puede averiguar",
    },
    audit: {
      title: "Quién hizo qué",
      hint: "Leído de lo que los propios actos han dejado en la base de datos. Quién entró, quién terminó una reunión o quién bloqueó una cuenta no está escrito en ninguna parte y no se dice aquí; las invitaciones figuran mientras se guardan.",
      empty: "Nada de ese tipo.",
      all: "Todo",
      from: "Desde",
      until: "Hasta",
      download: (format) => `Descargar ${format}`,
      columns: {
        when: "Cuándo",
        what: "Qué",
        who: "Quién",
        meeting: "Reunión",
        detail: "Detalles",
      },
      by: { operator: "Operador", vault: "Bóveda", unknown: "No está escrito" },
      acts: {
        "account-made": "Cuenta creada",
        "account-disabled": "Cuenta bloqueada",
        "invitation-made": "Invitación creada",
        "notice-published": "Aviso publicado",
        "meeting-created": "Reunión creada",
        "meeting-ended": "Reunión terminada",
        "meeting-destroyed": "Reunión destruida",
        "taken-back": "Retirado en nombre de otros",
        "release-queued": "Entrega puesta en cola",
        "release-dropped": "Entrega descartada",
        "retry-asked": "Nuevo intento pedido",
        "export-asked": "Exportación pedida",
        "export-approved": "Exportación aprobada",
        "export-declined": "Exportación rechazada",
        "export-taken-back": "Exportación retirada",
        "export-ended": "Exportación acabada",
        "download-asked": "Descarga solicitada",
        "download-approved": "Descarga aprobada",
        "download-declined": "Descarga rechazada",
        "download-taken-back": "Descarga retirada",
        "download-ended": "Descarga terminada",
        "data-set-fetched": "Conjunto de datos recogido",
        "meeting-exported": "Reunión exportada",
        "deletion-ordered": "Borrado ordenado",
        "deletion-seen": "Borrado comprobado",
        "clock-confirmed": "Reloj confirmado",
      },
    },
    exports: "Exportaciones",
    exportReady: "Exportar lo que está listo",
    exportConfirm:
      "¿Exportar estas reuniones? Las grabaciones se abren y se escriben en la carpeta de exportación. Quien se retracte después ya no estará en la próxima exportación, pero este servidor no puede recuperar lo exportado.",
    exportAsked: "Se ha pedido la exportación.",
    noExports: "Todavía no se ha exportado nada.",
    exportState: {
      requested: "Pedida",
      running: "Escribiéndose",
      done: "Hecha",
      failed: "Fallida",
      proposed: "Espera aprobación",
      declined: "Rechazada",
      "taken-back": "Retirada",
      lapsed: "Caducada",
    },
    sessions: {
      title: "Dónde has iniciado sesión",
      hint: "Cada línea es un navegador con la sesión iniciada en tu cuenta. Cuándo se usó se sabe con precisión de una hora.",
      since: (when: string) => `sesión iniciada ${when}`,
      used: (when: string) => `usado por última vez ${when}`,
      until: (when: string) => `termina ${when} si no se usa`,
      current: "Este navegador",
      end: "Cerrar sesión",
      endOthers: "Cerrar sesión en todos los demás",
    },
    settings: {
      title: "Ajustes",
      hint: "Se leen al arrancar el servidor, de su archivo o de su entorno, y allí se cambian con estos nombres; aquí no se puede cambiar nada. De un secreto solo se dice si está puesto. Lo que significan está en inglés, como en el programa.",
      show: (count: number) => `Mostrar los ${count}`,
      key: "Clave",
      value: "Valor",
      about: "Para qué sirve",
      unset: "sin poner",
      secret: "puesto; no se muestra",
    },
    funnel: {
      title: "Hasta dónde llega la gente",
      hint: "Se cuenta por reunión, nunca con nombre: quien estuvo en dos reuniones cuenta en ambas. A cuántos se envió un enlace no lo sabe nadie; se cuenta quién lo abrió.",
      meetings: (count: number) => (count === 1 ? "1 reunión" : `${count} reuniones`),
      newest: (count: number) => `Solo de las ${count} reuniones más recientes.`,
      stage: "Hasta dónde",
      people: "Personas",
      share: "De quienes abrieron el enlace",
      stages: {
        invited: "Abrieron el enlace",
        joined: "Entraron",
        recording: "Aceptaron la grabación",
        training: "Aceptaron el entrenamiento",
        released: "En una reunión liberada",
        exported: "En un conjunto de datos",
        withdrawn: "Retiraron algo",
      },
    },
    accountSince: (when: string) => `cuenta desde ${when}`,
    roleMay: {
      administrator:
        "Todo en esta consola, y lo que pueden los anfitriones. No abre ninguna grabación.",
      host: "Crea reuniones y decide en las suyas; no ve nada de las demás.",
    },
    downloading: {
      start: "Descargar",
      confirm:
        "¿Descargar este conjunto de datos? La bóveda lo sella para una clave que esta página genera ahora; tu navegador lo abre y lo escribe en tu disco. El registro de la administración te nombra. Deja esta página abierta hasta que termine: una página recargada tiene que empezar de nuevo.",
      parts:
        "Este navegador escribe archivos de 256 MB, numerados desde 001. Únelos en su orden antes de extraerlos, por ejemplo: cat data-set-*.tar.0* > data-set.tar",
      asked: "Se ha pedido el conjunto de datos a la bóveda.",
      proposed:
        "Otra persona de la administración tiene que aprobar esta descarga. Deja esta página abierta.",
      progress: (done: string, total: string) => `${done} de ${total}`,
      away: "No se puede acceder al servidor. La descarga seguirá cuando responda.",
      done: "El conjunto de datos está en tu disco. Compruébalo con: assent-vault check-dataset",
      cancelled: "La descarga se ha cancelado.",
      lapsed: "El tiempo de esta descarga ha terminado. Empieza de nuevo.",
      untrue: "Lo que llegó no es lo que selló la bóveda. No se ha guardado nada.",
      notWritten: "No se pudo escribir en tu disco.",
      byOther: (name: string) => `${name} lo descarga`,
      wants: (name: string) => `${name} pide descargarlo`,
      elsewhere:
        "Una página que has cerrado o recargado había empezado una descarga. No puede seguir; empieza de nuevo.",
      approve: "Aprobar la descarga",
      approveConfirm:
        "¿Aprobar esta descarga? El conjunto de datos sale entonces de la máquina de la bóveda hacia el navegador de quien la pide.",
      decline: "Rechazar la descarga",
      declineConfirm: "¿Rechazar esta descarga? No se entrega nada.",
      /** Why it ended, or what it waits for. */
      why: {
        "data-set-missing": "La carpeta de este conjunto de datos ya no está.",
        "data-set-changed": "El conjunto de datos no es el que firmó la bóveda.",
        "data-set-unreadable": "El conjunto de datos no se puede leer del disco.",
        "data-set-recalled":
          "Algo de este conjunto de datos fue retirado. Cuando se haya quitado de la carpeta (assent-vault check-dataset --apply), se puede descargar el resto.",
        "data-set-elsewhere":
          "Este conjunto de datos se escribió con la orden en una carpeta propia, y desde allí no se entrega.",
        "data-set-too-large": "Este conjunto de datos es demasiado grande para descargarlo aquí.",
        "recalls-unknown":
          "No se puede saber qué se retiró de este conjunto de datos, así que no se entrega.",
        "bad-key": "No se pudo usar la clave de esta página.",
        replaced: "La descarga se empezó de nuevo en otra página.",
        "downloads-off": "Las descargas se han desactivado (export_downloads).",
        "space-low": "Espera: un disco está casi lleno.",
        "space-unknown": "Espera: no se puede saber cuánto espacio queda en un disco.",
        "store-unavailable": "Espera: el almacén de objetos no acepta nada por ahora.",
      },
    },
    exporting: {
      again: {
        make: "Hacer la versión siguiente",
        hint: (id: string) =>
          `La versión siguiente del conjunto de datos ${id}: aquellas de sus reuniones que siguen autorizadas, sin lo que se retiró.`,
        instead: "Mejor un conjunto de datos nuevo",
        of: (id: string) => `versión siguiente de ${id}`,
        included: "También reuniones que ya están en un conjunto de datos",
        noRoom: (count: number) => `${count} más no caben: elija días`,
        refused: (count: number) =>
          count === 1
            ? "1 reunión ya exportada no puede exportarse otra vez:"
            : `${count} reuniones ya exportadas no pueden exportarse otra vez:`,
        why: {
          withdrawn: "alguien ha retirado su sí.",
          revoked: "se retiró algo en nombre de alguien.",
          "retention-over": "su tiempo de conservación ha terminado.",
          destroyed: "fue destruida.",
          "vault-key-missing": "su clave ya no existe.",
          "too-many-data-sets": "ya está en 100 conjuntos de datos.",
        },
      },
      recipient: "A quién se entrega",
      recipientHint:
        "Consta en el conjunto de datos y en el registro, y puede verlo quien haya estado en estas reuniones.",
      purpose: "Para qué",
      since: "Reuniones desde",
      until: "Reuniones hasta",
      audioOnly: "Solo sonido, sin imágenes",
      said: "Hay que decirlo.",
      days: "El último día es anterior al primero.",
      propose: "Proponer esta exportación",
      needsApproval:
        "No empieza hasta que otra persona de la administración la apruebe, lo que es posible durante 72 horas. Hasta que empiece puede retirarla.",
      proposed: "La exportación espera a otra persona de la administración.",
      approve: "Aprobar",
      approveConfirm:
        "¿Aprobar esta exportación? La bóveda abre entonces las grabaciones y las escribe en la carpeta de exportación. Este servidor no puede recuperar lo exportado.",
      decline: "Rechazar",
      declineConfirm:
        "¿Rechazar esta exportación? No se hará. Quien la pidió solo puede pedir otra.",
      takeBack: "Retirar",
      takeBackConfirm: "¿Retirar esta exportación? No se hará. Puede pedir otra.",
      forecast: (meetings, hours, size) =>
        `${meetings === 1 ? "1 reunión" : `${meetings} reuniones`}, ${hours} horas, unos ${size} tal como están guardadas`,
      unmeasured: (count) => `sin contar ${count} que la bóveda aún no ha medido`,
      left: (count) => `${count} más quedan para la próxima exportación`,
      askedBy: (name) => `por ${name}`,
      approved: (when, name) => `aprobada ${when} por ${name}`,
      declined: (when, name) => `rechazada ${when} por ${name}`,
      takenBack: (when, name) => `retirada ${when} por ${name}`,
      lapses: (when) => `se puede aprobar hasta ${when}`,
      from: (day) => `desde ${day}`,
      through: (day) => `hasta ${day}`,
      filters: {
        title: "Solo reuniones y sonido que…",
        languages: "Todas las personas leyeron lo que aceptaron en uno de estos idiomas",
        languagesHint:
          "Como de o pt-BR, separados por comas, 20 como máximo. Según las respuestas firmadas; nadie sabe qué idioma se habla.",
        languagesWrong: "Deben ser códigos de idiomas, como de o pt-BR, 20 como máximo.",
        seconds: "Reuniones de al menos tantos segundos",
        secondsWrong: "Debe ser un número entero de hasta nueve cifras.",
        filled:
          "Sin el sonido del que más de este porcentaje es silencio puesto donde no llegó nada",
        clipped: "Sin el sonido del que más de este porcentaje está saturado, o del que no se sabe",
        percentWrong: "Debe ser un número de 0 a 100.",
        later: "Qué sonido queda fuera por esto solo se sabe cuando se escribe.",
        readIn: (names) => `leído por todas las personas en: ${names}`,
        atLeast: (length) => `reuniones de al menos ${length}`,
        mostFilled: (percent) => `sin el sonido del que más del ${percent} es silencio añadido`,
        mostClipped: (percent) => `sin el sonido del que más del ${percent} está saturado`,
        unlooked: (count) => `no se miró en qué idioma se leyeron ${count} más`,
      },
      /** Why the vault has not begun it. */
      why: {
        "former-unknown": "El registro no conoce ese conjunto de datos.",
        "too-many-meetings": "Más reuniones de las que caben en un conjunto de datos.",
        "not-approved": "Ninguna otra persona de la administración la ha aprobado.",
        "approval-void": "Quien la pidió o la aprobó ya no administra este servidor.",
        "approval-lapsed": "No empezó a tiempo después de ser aprobada.",
        "account-disabled": "La cuenta que la pidió o la aprobó fue bloqueada.",
      },
    },
    progress: (done, total) => `${done} de ${total} reuniones`,
    folder: "Carpeta",
    givenTo: (recipient: string, purpose: string) => `para ${recipient}: ${purpose}`,
    recalled: (count: number) =>
      count === 1
        ? "Desde entonces se ha retirado 1 reunión. Quítela de esta carpeta y de todas las copias: assent-vault check-dataset --apply."
        : `Desde entonces se han retirado ${count} reuniones. Quítelas de esta carpeta y de todas las copias: assent-vault check-dataset --apply.`,
    recallsFetched: (when: string) => `Lo revocado se descargó por última vez hacia el ${when}.`,
    recallsNotFetched: "Lo revocado no se ha descargado desde entonces.",
    asked: (when) => `pedida ${when}`,
    finished: (when) => `acabada ${when}`,
    people: "Cuentas",
    roles: { host: "Anfitrión", administrator: "Administrador" },
    disabled: "desactivada",
    inviteHost: "Invitar a un anfitrión",
    inviteAdministrator: "Invitar a un administrador",
    invitationLink: "Enlace de invitación",
    invitationHint: (when) => `Vale una vez, hasta ${when}. Solo se muestra ahora.`,
    notAllowed: "La administración es para administradores.",
  },

  proof: {
    title: "Prueba",
    lead: "Comprobada aquí, en su navegador, punto por punto. Nada de ella se apoya solo en la palabra del servidor.",
    states: {
      waiting: "Aún sin comprobar:",
      holds: "Es cierto:",
      "own-word": "Es cierto según el propio archivo:",
      fails: "No es cierto:",
      "not-made": "No se ha mirado:",
    },
    checks: {
      file: { title: "El archivo", holds: "Es un recibo, y no le falta ninguna parte." },
      charter: {
        title: "Qué podía preguntarse",
        holds: "Dice qué podía preguntarse en la reunión, y qué claves responden de ello.",
      },
      server: { title: "El servidor" },
      vault: { title: "La caja fuerte" },
      words: {
        title: "Las palabras",
        holds: "El aviso es, letra por letra, el que estaba en vigor.",
      },
      "vault-key": {
        title: "La clave para el entrenamiento",
        holds: "La clave para la que se sella un sí al entrenamiento es la de la caja fuerte.",
      },
      enrolment: {
        title: "De quién se trata",
        holds: "El navegador firmó al entrar, con una clave que no tenía nadie más.",
      },
      answers: {
        title: "Las respuestas",
        holds:
          "Cada una está firmada con esa misma clave y sigue a la anterior; entre medias no falta ninguna.",
      },
      records: {
        title: "Qué dice el registro",
        holds: "Dice lo que se firmó, en un orden en el que pudo suceder.",
      },
      log: { title: "Qué registro", holds: "Es el registro del que responde este servidor." },
      acknowledgements: {
        title: "Contrafirmas",
        holds:
          "El servidor ha firmado por cada declaración de este archivo, con su lugar en el registro.",
      },
      heads: {
        title: "El estado del registro",
        holds:
          "La clave del registro lo ha firmado, y todas las pruebas de este archivo son de este único estado.",
      },
      inclusion: {
        title: "Lugares en el registro",
        holds:
          "Cada entrada está en su lugar en este estado del registro. Si alguna se cambia o se quita después, este recibo lo muestra.",
      },
    },
    keys: {
      server: {
        given: "Su clave es la que usted escribió.",
        remembered: "Su clave es la que este navegador encontró cuando usted entró.",
        ownWord: "Su clave es la que nombra el propio archivo. Compárela abajo.",
      },
      vault: {
        given: "Su clave es la que usted escribió.",
        remembered: "Su clave es la que este navegador encontró cuando usted entró.",
        ownWord: "Su clave es la que nombra el propio archivo. Compárela abajo.",
      },
    },
    failures: {
      "not-a-receipt": "Esto no es un recibo, o está dañado o cortado.",
      "bad-document": "Una parte no se puede leer como lo que debería ser: dañada o cambiada.",
      "other-key": "La clave no es la que debería ser.",
      "other-languages": "Falta un idioma del aviso, o hay uno de más.",
      "other-words": "No son las palabras que se aceptaron: el texto se ha cambiado.",
      "other-meeting": "Pertenece a otra reunión.",
      "bad-signature": "Una firma no encaja: se ha cambiado algo, o ha firmado otra persona.",
      "bad-statement": "Una declaración dice lo que no debe, o es de otra persona.",
      "notice-not-in-force":
        "Una declaración es sobre palabras que no estaban en vigor en esta reunión.",
      "stale-statement":
        "Las respuestas no se siguen unas a otras: falta una, o está en un lugar equivocado.",
      mismatch: "Dos partes que van juntas dicen cosas distintas.",
      "out-of-order": "Las cosas están en un orden en el que no pudieron suceder.",
      missing: "Algo que tiene que estar falta, o está dos veces.",
      "other-log": "Es de otro registro que el de este servidor.",
      "split-view":
        "El registro ha mostrado dos historias distintas. Es una prueba contra quien lo lleva.",
      "not-witnessed": "Un testigo que debía firmar no lo ha hecho.",
      "not-in-log": "Una entrada no está en el registro en el lugar donde debería.",
    },
    notMade: "No se ha mirado, porque algo que necesita no es cierto.",
    holds: "Todo es cierto.",
    holdsWhat: "Según claves conocidas de antemano.",
    ownWord:
      "Pero las claves son las que nombra el propio archivo: compárelas con lo que sepa por otra vía.",
    failed: "Esto no es cierto.",
    failedWhat:
      "Se ha cambiado algo, o falta. No se fíe de nada de lo que contiene, y enséñelo a alguien en quien confíe.",
    receiptTitle: "Su recibo",
    saveReceipt: "Descargar recibo",
    saveRecord: "Descargar constancia de consentimiento",
    saveWhy:
      "El recibo demuestra, sin este servidor y para siempre, qué respondió y a qué palabras. Su clave no está en él.",
    elsewhere: "Comprobar un recibo",
    promises: "Qué puede prometer Assent y qué no",
    agreement: {
      title: "Comparado con lo que este navegador ha guardado",
      comparing: "Comparando…",
      first: (size) =>
        `No había nada con que comparar: es la primera visita con este navegador. Desde ahora guarda cómo está el registro (${size} ${size === 1 ? "entrada" : "entradas"}) y lo que el servidor ha firmado para usted, y compara en cada visita.`,
      same: (since, size) =>
        `Coincide con lo que este navegador guarda desde el ${since}: el registro tiene las mismas ${size} entradas.`,
      grown: (since, from, size) =>
        `Coincide con lo que este navegador guarda desde el ${since}: el registro ha crecido de ${from} a ${size} entradas, y las de antes no han cambiado.`,
      acknowledged: (count) =>
        count === 1
          ? "La contrafirma que ha guardado para usted se cumple: lo que usted firmó está en el registro, en el lugar firmado."
          : `Las ${count} contrafirmas que ha guardado para usted se cumplen: lo que usted firmó está en el registro, cada cosa en el lugar firmado.`,
      notLookedAt: "Las contrafirmas no se han mirado, porque no hay un recibo que sea válido.",
      notCompared: {
        unreachable:
          "No se ha comparado con lo que este navegador ha guardado: el servidor no ha respondido.",
        withheld:
          "No se ha comparado con lo que este navegador ha guardado: el servidor no muestra lo que hace falta para ello. Eso no prueba nada; pero un servidor que está en orden lo muestra.",
      },
      disagrees: "Esto NO coincide con lo que este navegador ha guardado.",
      disagreesWhat:
        "Lo que había se ha cambiado o quitado, o se muestra otro registro. Guarde la prueba y muéstrela a alguien de su confianza.",
      codes: {
        otherLog: "El servidor lleva otro registro que antes: con otro nombre, o con otra clave.",
        smaller: (from, size) =>
          `El registro se ha acortado: tenía ${from} entradas y tiene ${size}.`,
        splitView: (size) =>
          `El registro tiene ${size} entradas como antes, pero no son las mismas.`,
        notGrown: (from, size) =>
          `El registro tiene ${size} entradas, pero las ${from} de antes no son las primeras.`,
        notOlder: (from, size) =>
          `Se muestra un estado de ${size} entradas del que el registro con sus ${from} entradas no ha crecido.`,
        missing: (what, signed) =>
          `${what} no está en él, aunque el servidor firmó por ello, en el lugar ${signed} del registro.`,
        otherIndex: (what, signed, now) =>
          `${what} está en el lugar ${now} del registro; el servidor había firmado por el lugar ${signed}.`,
      },
      enrolment: "Lo que usted firmó al entrar",
      numbered: (number) => `Su respuesta ${number}`,
      found: (when) => `Encontrado el ${when}.`,
      save: "Guardar la prueba",
      saveWhat:
        "El archivo tiene lo que se firmó entonces y lo que se muestra ahora. Su clave no está en él, ni su nombre; sus respuestas están como resúmenes criptográficos.",
      notLasting: "Este navegador no guarda nada más tiempo del que la página está abierta.",
      forget: "Olvidar lo guardado",
      forgetWhat:
        "Este navegador olvida entonces cómo estaba el registro, lo que el servidor ha firmado para usted y lo que no coincidía. Ya no se podrá comparar nada con ello. Su clave y sus respuestas se quedan.",
      forgotten: "Está olvidado. La próxima visita empieza de nuevo.",
      inMeeting:
        "El registro de este servidor no coincide con lo que este navegador ha guardado. Su enlace personal muestra qué es.",
    },
    verify: {
      title: "Comprobar un recibo",
      lead: "Aquí cualquiera puede averiguar si un recibo es auténtico. El archivo se queda en su navegador: no se envía nada.",
      choose: "Elegir un recibo",
      drop: "O suelte el archivo aquí. Su nombre termina en .assent-receipt.json.",
      pins: "Conozco las claves por otra vía",
      pinsHint:
        "Huellas que tiene de alguien distinto de quien le dio el archivo. Deje vacío lo que no sepa.",
      badKey: "Esto no es una huella: necesita 64 cifras y letras de la a a la f.",
      unreadable: "El archivo no se puede leer.",
    },
    story: "Qué demuestra",
    storyHint: (log, size) => `Según el registro ${log}, con ${size} entradas.`,
    events: {
      notice: (version) => `Se publicó la versión ${version} del aviso.`,
      meeting: "Se creó la reunión.",
      enrolled: "Se preguntó a la persona, que firmó al entrar.",
      admitted: "Se dejó entrar a la persona.",
      answered: (number, recording, training) =>
        `Respuesta ${number}. Grabación: ${recording}. Datos de entrenamiento: ${training}.`,
      withdrawn: (number) => `Se llevó a cabo lo que retira la respuesta ${number}.`,
      carriedOut: "Se llevó a cabo lo que se retiró en nombre de la persona.",
      revoked: {
        training: (by) => `${by} retiró, por la persona, su sí al entrenamiento.`,
        recording: (by) => `${by} retiró, por la persona, su sí a la grabación y al entrenamiento.`,
        meeting: (by) => `${by} eliminó toda la reunión.`,
      },
      host: "La clave de la reunión dice que la persona es anfitriona.",
      armed: "Un anfitrión firmó si había que grabar.",
      removed: "Un anfitrión expulsó a la persona.",
      opened: (number) => `Empezó el tramo ${number} de la grabación.`,
      closed: (number) => `Terminó el tramo ${number} de la grabación.`,
      ended: "La reunión terminó.",
      released: (when) => `Todos habían dicho que sí; se entrega desde ${when}.`,
      lost: (seconds) =>
        `${seconds} segundos de la grabación no se pudieron abrir y se dejaron fuera.`,
      exported: "La grabación se exportó como datos de entrenamiento.",
      erased: "Se eliminó lo que se grabó de la persona.",
      adopted:
        "La caja fuerte de la reunión, o lo que sabía, se perdió. Desde entonces otra retira lo que hay que retirar; nunca podrá liberar la grabación.",
      erasedAll: "Se eliminó la grabación.",
      destroyed: "Se destruyó la reunión.",
    },
  },
};
