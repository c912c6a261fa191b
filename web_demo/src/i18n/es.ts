/** Las frases de la página en español; las mismas claves que en en.ts. */
import type { Key } from "./en";

export const es: Record<Key, string> = {
  title: "¿Qué seña es?",
  tagline: "Muestra una seña a la cámara o elige un vídeo. Ninguna imagen sale de tu dispositivo.",
  language: "Idioma",
  lookTitle: "Lo que ve la página",
  colours: "Colores",
  useCamera: "Usar la cámara",
  chooseVideos: "Elegir vídeos",
  dropHere: "… o suelta vídeos en cualquier lugar de esta página.",
  dropNow: "Suelta aquí los vídeos",
  cancel: "Cancelar",
  tryAgain: "Intentar de nuevo",
  cameraOff: "Cerrar la cámara",
  recordNow: "Grabar una seña",
  recordEnd: "Listo",
  turnCamera: "Otra cámara",
  byItself: "Empezar y terminar solo, cuando las manos suben y descansan",
  leftHanded: "Hago las señas con la mano izquierda",
  stageEmpty:
    "Una persona dibujada con los puntos de las manos: cuerpo blanco, mano izquierda azul, mano " +
    "derecha roja",
  stageClip: "El vídeo con los puntos de las manos que se encontraron",
  stageCamera:
    "La imagen de la cámara, como en un espejo, con los puntos de las manos que se encontraron",
  progress: "Progreso",
  keyBody: "cuerpo",
  keyLeft: "mano izquierda",
  keyRight: "mano derecha",
  answerTitle: "La seña",
  advice: "Una persona, de la cadera hacia arriba, una seña. La buena luz ayuda.",
  notSure: "No es seguro",
  notSureWhy: "No se parece lo suficiente a ninguna seña que la página conozca. Lo más cercano:",
  ownSign: "Una de tus propias señas",
  shareOf: "{sign}: {share}",
  example: "Un ejemplo de {sign}",
  moreAbout: "Más sobre esta seña",
  resultsTitle: "Tus vídeos",
  resultsFile: "Vídeo",
  resultsSign: "Seña",
  resultsShare: "Seguridad",
  resultsSeconds: "Segundos",
  resultsSave: "Guardar la tabla (CSV)",
  resultsClear: "Borrar",
  ownTitle: "Enséñale una seña tuya",
  ownAbout:
    "Graba una seña nueva de tres a cinco veces; desde entonces esta página la conoce. Se queda " +
    "en este dispositivo.",
  ownName: "Nombre de la seña",
  ownRecord: "Grabarla con la cámara",
  ownFromVideos: "De vídeos",
  ownSave: "Guardar todas (JSON)",
  ownSavePoses: "Guardar para entrenar (.pose)",
  ownPosesAbout:
    "Los archivos .pose contienen los puntos del cuerpo y de las manos de cada grabación y " +
    "ninguna imagen: los puede leer quien entrena un modelo o mantiene un diccionario.",
  ownWithout:
    "Grabaciones hechas con una versión anterior de esta página, sin esos puntos: {count}. Solo " +
    "están en el JSON.",
  ownDelete: "Borrar {sign}",
  ownCount: "{sign}: {count} grabaciones",
  ownNone: "Todavía no has enseñado ninguna seña.",
  advanced: "Avanzado",
  modelTitle: "Modelo",
  modelNone: "No hay ningún modelo cargado.",
  modelAbout: "{name}: {glosses} glosas, {size}, ejecutado por {runtime}.",
  ownRuntime: "nuestro programa ({build})",
  modelPoint:
    "Por debajo de {threshold} puntos dice «no es seguro»; entrenado con {rate} fotogramas por " +
    "segundo.",
  modelNoPoint: "El archivo no dice por debajo de qué puntuación debe callar.",
  modelChoose: "Elegir un archivo de modelo",
  landmarksBy: "Landmarks de",
  trackerAuto: "nuestro landmarker",
  trackerFull: "nuestro landmarker, red del cuerpo más grande",
  trackerLite: "nuestro landmarker, red del cuerpo más pequeña",
  trackerHolistic: "MediaPipe Holistic (30 MB)",
  otherTracker:
    "Este modelo se entrenó con landmarks de {tracker}. Otro programa ve otros puntos, así que " +
    "habrá más errores.",
  numbersTitle: "El último vídeo en números",
  numbers:
    "{frames} fotogramas, {rate} por segundo. Encontrado: cuerpo {body}, mano izquierda {left}, " +
    "mano derecha {right}. Decodificar {decoding} s, landmarks {landmarks} s ({each} ms por " +
    "fotograma), modelo {model} ms.",
  glossesTitle: "Señas que conoce",
  pagesTitle: "Páginas",
  pageDemo: "Demostración",
  pageBench: "Velocidad",
  pageDivergence: "Divergencia",
  weight: "{all} descargados hasta ahora, sin comprimir: {kinds}.",
  weightPage: "página",
  weightRuntime: "ejecución",
  weightMediapipe: "MediaPipe",
  weightModels: "modelos",
  offlineNot: "Todo está junto a esta página; no se descarga nada de otro lugar.",
  offlineKeeping: "Guardando en este dispositivo …",
  offlineKept: "Guardado en este dispositivo: la página ya se abre también sin red.",
  offlineCannot:
    "Este navegador no guarda páginas aquí, así que la próxima vez también hará falta la red.",

  loadingModel: "Cargando …",
  ready: "Listo: usa la cámara o elige un vídeo.",
  readyOffline: "Listo.",
  oneMoment: "Un momento …",
  loadingMediapipe: "Cargando MediaPipe Holistic …",
  loadingPoints: "Preparándose para ver las manos …",
  loadingPointsShare: "Preparándose para ver las manos … {share}",
  lookingAt: "Mirando {name} …",
  frameOf: "Fotograma {frame} de {frames}",
  fileOf: "Vídeo {file} de {files}, fotograma {frame} de {frames}",
  recognised: "Reconocida: {sign}, {share}.",
  recognisedOwn: "Reconocida: {sign}, una de tus propias señas.",
  notSureStatus:
    "No es seguro: no se parece a ninguna seña que la página conozca; como mucho, {sign}.",
  allDone: "Listo: {done} de {files} vídeos reconocidos.",
  modelLoaded: "Modelo cargado. Elige un vídeo o usa la cámara.",
  noModelYet:
    "Para empezar, elige un archivo de modelo en Avanzado: una ejecución del libro escribe " +
    "models/student_int8.slr.",
  cancelled: "Cancelado.",
  raiseHands: "Levanta las manos y haz la seña; bájalas cuando termines.",
  prepare: "Prepárate …",
  signNow: "Haz la seña ahora y después pulsa Listo.",
  signing: "Veo que haces una seña …",
  finishing: "Mirando los últimos fotogramas …",
  taughtOne: "{sign}: {count} de al menos {needed} grabaciones. Otra vez, por favor.",
  taughtEnough: "{sign} se conoce desde ahora.",
  nameFirst: "Primero da un nombre a la seña.",
  deletedSign: "{sign} se ha borrado.",

  longClip: "El vídeo es largo: solo cuentan sus primeros {frames} fotogramas ({seconds} s).",
  noPerson:
    "No se encontró a ninguna persona: elige un vídeo que muestre a una persona de la cadera " +
    "hacia arriba.",
  noHands: "No se encontraron manos: muéstralas a la cámara, con buena luz.",
  tooShort: "Fue demasiado corto: pulsa el botón otra vez y espera el aviso para hacer la seña.",
  lineLost: "Se perdió la conexión: revisa la red e inténtalo de nuevo.",
  fileLost: "No se pudo descargar {what}: revisa la red e inténtalo de nuevo.",
  fileRefused:
    "El servidor rechazó {what} ({status}): inténtalo más tarde o pregunta a quien administra " +
    "esta página.",
  fileMissing:
    "{what} no está junto a esta página: pregunta a quien la administra o nombra otro archivo.",
  programLost: "No se pudo cargar una parte de esta página: revisa la red e inténtalo de nuevo.",
  otherOrigin: "Los archivos solo se toman del servidor de esta página, no de {address}.",
  badAddress: "{address} no es una dirección.",
  brokenOff:
    "El navegador interrumpió el cálculo, quizá por falta de memoria: cierra otras pestañas e " +
    "inténtalo de nuevo.",
  unexpected: "Ocurrió algo inesperado ({words}): carga la página de nuevo.",
  silent: "El cálculo ya no respondía y se terminó: inténtalo de nuevo.",
  modelSilent: "{name} no responde y se terminó: cópialo de nuevo o elige otro archivo de modelo.",
  oldBrowser: "Este navegador es demasiado antiguo para esta página: usa uno más nuevo.",
  noSimd:
    "Este navegador o procesador no tiene WebAssembly SIMD, necesario para encontrar las manos: " +
    "usa un navegador o dispositivo más nuevo.",
  noModel: "Todavía no hay modelo: elige un archivo de modelo.",
  memory: "{name} necesita más memoria de la que da este navegador: elige un modelo más pequeño.",
  emptyFile: "{name} está vacío: elige un vídeo.",
  textFile: "{name} es un texto y no un vídeo: elige un vídeo.",
  imageFile: "{name} es una imagen fija y no un vídeo: elige un vídeo.",
  undecodable:
    "Este navegador no puede decodificar {name}: conviértelo a H.264 (mp4) o VP9 (webm).",
  noImage: "{name} no tiene imagen: elige un vídeo.",
  noLength: "{name} no dice cuánto dura: conviértelo a mp4.",
  breaksOff: "El vídeo se interrumpe: conviértelo otra vez o elige otro.",
  fileBreaksOff: "{name} se interrumpe: cópialo o conviértelo otra vez, o elige otro.",
  firstFrameCut:
    "{name} se interrumpe antes de que termine su primer fotograma: cópialo o conviértelo otra " +
    "vez, o elige otro.",
  seemsCut:
    "{name} parece estar cortado: solo cuentan sus {frames} fotogramas enteros; cópialo o " +
    "grábalo de nuevo si la seña no está completa.",
  seemsCutSomewhere:
    "{name} parece estar cortado: solo cuentan sus primeros fotogramas enteros; cópialo o " +
    "grábalo de nuevo si la seña no está completa.",
  changesShape:
    "{name} cambia la forma de su imagen en el fotograma {frame}: córtalo allí o grábalo de " +
    "nuevo con una sola forma.",
  notByCodec:
    "{name} no se puede decodificar aquí fotograma a fotograma: deja que la página elija cómo.",
  cameraInsecure:
    "Un navegador da la cámara solo a páginas https y a este ordenador (localhost): abre la " +
    "página allí o elige un archivo.",
  cameraRefused:
    "No se permitió la cámara: permítela para esta página en los ajustes del navegador o elige " +
    "un archivo.",
  cameraMissing: "No se encontró ninguna cámara: conecta una o elige un archivo.",
  cameraBusy: "No se puede leer la cámara: cierra otros programas que la usen o elige un archivo.",
  cameraStopped: "La cámara se detuvo: conéctala de nuevo o elige un archivo.",
  cameraFails: "La cámara no arrancó ({words}): elige un archivo.",
  emptyModel: "{name} está vacío: cópialo de nuevo o elige otro archivo de modelo.",
  noModelFile:
    "{name} no es un archivo de modelo: elige uno que termine en .slr o .onnx, como los escribe " +
    "el capítulo 8 del libro.",
  noGlosses:
    "{name} no dice qué señas conoce: cópialo de nuevo o elige otro archivo de modelo.",
  otherNumber:
    "{name} nombra {glosses} señas y da {answers} respuestas: expórtalo de nuevo o elige otro " +
    "archivo de modelo.",
  noProbabilities:
    "{name} responde con números que no son probabilidades: expórtalo de nuevo o elige otro " +
    "archivo de modelo.",
  otherPoint:
    "{name} tiene un punto de trabajo que no es de los nuestros: cópialo de nuevo o elige otro " +
    "archivo de modelo.",
  slrOther:
    "{name} no es un modelo de nuestro programa: cópialo de nuevo o elige otro archivo de modelo.",
  slrVersion:
    "{name} tiene la versión {version} del formato y esta página lee la versión {own}: carga la " +
    "página de nuevo, exporta el modelo otra vez o elige otro.",
  slrCut: "{name} está cortado: cópialo de nuevo o elige otro archivo de modelo.",
  slrSizes:
    "{name} tiene tamaños que ningún modelo nuestro tiene: cópialo de nuevo o elige otro archivo " +
    "de modelo.",
  slrStep:
    "{name} tiene un paso que sale de su memoria: cópialo de nuevo o elige otro archivo de " +
    "modelo.",
  slrStream:
    "{name} es una red para frases: responde en el modo Frases; elige aquí un modelo para señas " +
    "sueltas.",
  slrDamaged: "{name} está dañado: cópialo de nuevo o elige otro archivo de modelo.",
  closed: "{name} se cerró: ábrelo de nuevo.",
  otherLength:
    "{name} admite de 1 a {most} fotogramas de 75 x 2 números, pero hay {numbers} números: " +
    "acorta el vídeo.",
  onnxDamaged:
    "{name} está dañado y no se puede leer: cópialo de nuevo o elige otro archivo de modelo.",
  onnxFails:
    "{name} no puede responder a un vídeo de landmarks: expórtalo de nuevo o elige otro archivo " +
    "de modelo.",
  runtimeLost:
    "No se pudo descargar el programa para {name}: revisa la red y elige el archivo otra vez.",
  noLandmarks: "Los landmarks deben ser fotogramas x {points} x 2 números, pero hay {numbers}.",
  ownNoEmbedding: "Este modelo no admite señas nuevas: elige un modelo que termine en .slr.",
  noStore:
    "Este navegador no guarda nada para esta página: la seña se conoce hasta que se cierre.",

  pageLetters: "Letras",
  lettersTitle: "¿Qué letra es?",
  lettersTagline:
    "Una letra del alfabeto manual, de la cámara o de una imagen. El programa y la red son un solo " +
    "archivo, hecho para un microcontrolador. Ninguna imagen sale de tu dispositivo.",
  lettersStage: "El cuadrado de la imagen que lee la red, en su resolución",
  lettersChoose: "Elegir una imagen",
  lettersAnswer: "La letra",
  lettersAdvice: "La mano debe llenar el cuadrado en el centro de la imagen.",
  lettersNetwork: "Red",
  lettersAbout: "{count} letras, {size} x {size} píxeles, {bytes} con su programa.",
  lettersTaught: "Aprendió con: {source}.",
  lettersKnown: "Letras que conoce",
  lettersReady: "Lista: usa la cámara o elige una imagen.",
  lettersShow: "Muestra una letra en el cuadrado.",
  lettersSaid: "{name}: {letter}, {share}.",
  lettersUnsure: "{name}: no es seguro.",
  lettersOff: "La cámara está apagada.",
  lettersMissing: "{name} no está junto a esta página: lo escribe el capítulo 13 del libro.",
  lettersImage:
    "{name} no es una imagen que este navegador pueda leer: guárdala como JPEG o PNG.",
  lettersSmall: "{name} tiene {width} x {height} píxeles: elige una imagen más grande.",
  lettersModule:
    "{name} no es WebAssembly, o es solo una parte: escríbelo otra vez con el capítulo 13 o elige " +
    "otro archivo.",
  lettersNote:
    "{name} no dice qué letras conoce: escríbelo otra vez con el capítulo 13 o elige otro archivo.",
  lettersOther:
    "{name} no es una red para imágenes: escríbelo otra vez con el capítulo 13 o elige otro " +
    "archivo.",

  // ---- la página del recibo
  pageReceipt: "Recibo",
  receiptTitle: "¿Dice lo mismo aquí?",
  receiptTagline:
    "Imprimir una exactitud es fácil. Esta página la calcula de nuevo, en tu dispositivo, y " +
    "escribe un recibo.",
  receiptHeading: "Recalcular",
  receiptAbout:
    "Junto a esta página hay un modelo, puntos de alguien a quien su entrenamiento no vio y las " +
    "respuestas que se esperan. Tu navegador los descarga, compara sus hashes, responde a cada " +
    "clip y cuenta.",
  receiptStart: "Recalcular la exactitud",
  receiptFetching: "Descargando {name} …",
  receiptClip: "{name}: clip {clip} de {clips}",
  receiptOutcome: "Lo que salió",
  receiptRight: "Correctos",
  receiptExpected: "Esperados",
  receiptDiffering: "Distintos",
  receiptData: "{clips} de {all} clips de «{group}», que el entrenamiento no vio, de {set}.",
  receiptSynthetic: "Son sintéticos: no se grabó a ninguna persona.",
  receiptRecorded: "Son grabaciones de personas.",
  receiptLicence: "Licencia: {licence}.",
  receiptText: "Recibo",
  receiptCheck:
    "La última línea es el SHA-256 del texto anterior; «head -n -1 receipt.txt | sha256sum» lo " +
    "calcula de nuevo.",
  receiptSave: "Guardar el recibo",
  receiptSame:
    "Como se esperaba: {right} de {clips} clips son correctos ({share}) y cada respuesta es la de " +
    "Python.",
  receiptOther:
    "{name} no calcula aquí lo esperado: {right} de {clips} clips son correctos, se esperaban " +
    "{expected}, y {differing} tienen otra respuesta. Guarda el recibo y envíalo a quien lleva " +
    "esta página.",
  receiptInsecure:
    "Un navegador calcula SHA-256 solo para páginas https y para este ordenador (localhost): abre " +
    "la página allí.",
  receiptMissing: "{name} no está junto a esta página: lo escribe el capítulo 11 del libro.",
  receiptDamaged:
    "{name} está dañado: cópialo de nuevo de la ejecución, o escríbelo con el capítulo 11.",
  receiptVersion:
    "{name} tiene la versión {version} del formato y esta página lee la versión {own}: carga la " +
    "página de nuevo, o escribe el archivo otra vez con el capítulo 11.",
  receiptHash:
    "{name} no es el archivo que nombra el recibo, su SHA-256 es otro: copia los dos de nuevo de " +
    "la misma ejecución.",
  receiptGlosses:
    "{name} conoce otras glosas que el recibo: escribe el recibo de nuevo con el capítulo 11.",
  modesTitle: "¿Qué se debe reconocer?",
  modeSign: "Una seña",
  modeSentences: "Frases",
  titleSentences: "¿Qué se está diciendo en señas?",
  taglineSentences:
    "Haz señas a la cámara o elige un vídeo de cualquier duración. Ninguna imagen sale de tu " +
    "dispositivo.",
  chooseVideo: "Elegir un vídeo",
  dropOneHere: "… o suelta un vídeo en cualquier lugar de esta página.",
  stopCamera: "Parar",
  sentencesTitle: "Lo que se dijo en señas",
  sentencesFrom: "Desde",
  sentencesTo: "Hasta",
  saveVtt: "Subtítulos (.vtt)",
  saveElan: "Tabla (.csv)",
  sentencesAdvice:
    "Una persona, de la cadera hacia arriba, con las manos a la vista. Cada seña aparece un " +
    "momento después de hacerla.",
  sentencesTimes:
    "Los tiempos son los de las respuestas de la red, puestos {delay} s antes, que es lo que " +
    "suele tardar. La red dice que se hizo una seña y no cuánto duró: una seña empieza donde " +
    "termina la anterior, como muy pronto {longest} s antes de su propio final.",
  sentencesLate:
    "Los tiempos son los de las respuestas de la red, que llegan un momento después de cada " +
    "seña; el archivo no dice cuánto. Una seña empieza donde termina la anterior, como muy pronto " +
    "{longest} s antes de su propio final.",
  elanHow:
    "En ELAN: Archivo, Importar, archivo de texto CSV / delimitado por tabuladores; las columnas " +
    "son línea, tiempo inicial, tiempo final (milisegundos) y anotación, desde la segunda fila.",
  sentencesLoading: "Descargando la red para frases …",
  sentencesReady: "Listo para frases: usa la cámara o elige un vídeo.",
  sentencesWatching: "Estoy mirando: haz señas y pulsa Parar cuando termines.",
  sentencesAt: "{at} de {all}",
  sentencesDone: "Listo: señas reconocidas: {count}, en {length} minutos.",
  sentencesNone: "Listo: no se reconoció ninguna seña, en {length} minutos.",
  sentencesPoint:
    "Una seña se dice a partir de una seguridad de {threshold}; entrenada con {rate} fotogramas " +
    "por segundo.",
  oneVideo: "Las frases se leen de un solo vídeo cada vez: elige uno.",
  streamNotes:
    "{name} no es una red para frases, o no dice lo que esta página debe saber ({what}): " +
    "escríbelo otra vez con el capítulo 14 del libro o elige otro archivo.",
  streamShapes:
    "{name} tiene otras entradas o respuestas que las que dice: escríbelo otra vez con el " +
    "capítulo 14 del libro o elige otro archivo.",
};
