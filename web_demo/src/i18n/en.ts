/** The page's sentences in English; es.ts has the same keys. Gaps are written {so}. */
export const en = {
  // ---- the page
  title: "Which sign is this?",
  tagline: "Show one sign to the camera, or choose a video. No image leaves your device.",
  language: "Language",
  lookTitle: "What the page sees",
  colours: "Colours",
  useCamera: "Use the camera",
  chooseVideos: "Choose videos",
  dropHere: "… or drop videos anywhere on this page.",
  dropNow: "Drop the videos here",
  cancel: "Cancel",
  tryAgain: "Try again",
  cameraOff: "Close the camera",
  recordNow: "Record a sign",
  recordEnd: "Done",
  turnCamera: "Other camera",
  byItself: "Start and end by itself, when hands rise and rest",
  leftHanded: "I sign with my left hand",
  stageEmpty: "A drawn person with hand points: body white, left hand blue, right hand red",
  stageClip: "The clip with the hand points that were found",
  stageCamera: "The camera's image, as in a mirror, with the hand points that were found",
  progress: "Progress",
  keyBody: "body",
  keyLeft: "left hand",
  keyRight: "right hand",
  answerTitle: "The sign",
  advice: "One person, from the hips up, one sign. Good light helps.",
  notSure: "Not sure",
  notSureWhy: "This looks like no sign that the page knows well enough. Nearest:",
  ownSign: "One of your own signs",
  shareOf: "{sign}: {share}",
  example: "An example of {sign}",
  moreAbout: "More about this sign",
  resultsTitle: "Your videos",
  resultsFile: "Video",
  resultsSign: "Sign",
  resultsShare: "How sure",
  resultsSeconds: "Seconds",
  resultsSave: "Save the table (CSV)",
  resultsClear: "Clear",
  ownTitle: "Teach it a sign of yours",
  ownAbout:
    "Record a new sign three to five times; from then on this page knows it. It stays on this " +
    "device.",
  ownName: "Name of the sign",
  ownRecord: "Record it with the camera",
  ownFromVideos: "From videos",
  ownSave: "Save all (JSON)",
  ownSavePoses: "Save to train with (.pose)",
  ownPosesAbout:
    "The .pose files hold the points of body and hands of every recording, and no image: whoever " +
    "trains a model or keeps a dictionary can read them.",
  ownWithout:
    "Recordings made with an earlier version of this page, without such points: {count}. They are " +
    "in the JSON only.",
  ownDelete: "Delete {sign}",
  ownCount: "{sign}: {count} recordings",
  ownNone: "You have taught no sign yet.",
  advanced: "Advanced",
  modelTitle: "Model",
  modelNone: "No model loaded.",
  modelAbout: "{name}: {glosses} glosses, {size}, run by {runtime}.",
  ownRuntime: "our runtime ({build})",
  modelPoint: "Below a score of {threshold} it says “not sure”; trained at {rate} frames a second.",
  modelNoPoint: "The file names no score below which it should be silent.",
  modelChoose: "Choose a model file",
  landmarksBy: "Landmarks by",
  trackerAuto: "our landmarker",
  trackerFull: "our landmarker, larger body network",
  trackerLite: "our landmarker, smaller body network",
  trackerHolistic: "MediaPipe Holistic (30 MB)",
  otherTracker:
    "This model was trained on landmarks of {tracker}. Another tracker sees other points, so " +
    "expect more mistakes.",
  numbersTitle: "The last clip in numbers",
  numbers:
    "{frames} frames, {rate} a second. Found: body {body}, left hand {left}, right hand {right}. " +
    "Decoding {decoding} s, landmarks {landmarks} s ({each} ms a frame), model {model} ms.",
  glossesTitle: "Signs it knows",
  pagesTitle: "Pages",
  pageDemo: "Demo",
  pageBench: "Benchmark",
  pageDivergence: "Divergence",
  weight: "{all} fetched so far, unpacked: {kinds}.",
  weightPage: "page",
  weightRuntime: "runtime",
  weightMediapipe: "MediaPipe",
  weightModels: "models",
  offlineNot: "Everything lies beside this page; nothing is fetched from elsewhere.",
  offlineKeeping: "Being kept on this device …",
  offlineKept: "Kept on this device: the page now opens without a network too.",
  offlineCannot: "This browser keeps no pages here, so the network is needed next time too.",

  // ---- what happens
  loadingModel: "Loading …",
  ready: "Ready: use the camera or choose a video.",
  readyOffline: "Ready.",
  oneMoment: "One moment …",
  loadingMediapipe: "Loading MediaPipe Holistic …",
  loadingPoints: "Getting ready to see hands …",
  loadingPointsShare: "Getting ready to see hands … {share}",
  lookingAt: "Looking at {name} …",
  frameOf: "Frame {frame} of {frames}",
  fileOf: "Video {file} of {files}, frame {frame} of {frames}",
  recognised: "Recognised: {sign}, {share}.",
  recognisedOwn: "Recognised: {sign}, one of your own signs.",
  notSureStatus: "Not sure: this looks like no sign that the page knows, {sign} at best.",
  allDone: "Done: {done} of {files} videos recognised.",
  modelLoaded: "Model loaded. Choose a video or use the camera.",
  noModelYet:
    "Choose a model file under Advanced to begin: a run of the book writes " +
    "models/student_int8.slr.",
  cancelled: "Cancelled.",
  raiseHands: "Raise your hands and sign; lower them when you are done.",
  prepare: "Get ready …",
  signNow: "Sign now, then press Done.",
  signing: "I see you signing …",
  finishing: "Looking at the last frames …",
  taughtOne: "{sign}: {count} of at least {needed} recordings. Once more, please.",
  taughtEnough: "{sign} is known from now on.",
  nameFirst: "Give the sign a name first.",
  deletedSign: "{sign} was deleted.",

  // ---- what goes wrong: one sentence, and what to do
  longClip: "The clip is long: only its first {frames} frames ({seconds} s) count.",
  noPerson: "No person was found: choose a clip that shows one signer from the hips up.",
  noHands: "No hands were found: show your hands to the camera, in good light.",
  tooShort: "That was too short: press the button again and wait for the word to sign.",
  lineLost: "The connection was lost: check the network, then try again.",
  fileLost: "{what} could not be fetched: check the network, then try again.",
  fileRefused: "The server refused {what} ({status}): try again later, or ask who runs this page.",
  fileMissing: "{what} does not lie beside this page: ask who runs it, or name a file that does.",
  programLost: "A part of this page could not be loaded: check the network, then try again.",
  otherOrigin: "Files are taken from this page's own server only, not from {address}.",
  badAddress: "{address} is no address.",
  brokenOff:
    "The browser broke off the calculation, perhaps for lack of memory: close other tabs, then " +
    "try again.",
  unexpected: "Something unexpected happened ({words}): load the page anew.",
  silent: "The calculation did not answer any more and was ended: try again.",
  modelSilent:
    "{name} does not answer and was ended: copy it again from the run, or choose another model " +
    "file.",
  oldBrowser: "This browser is too old for this page: use a newer one.",
  noSimd:
    "This browser or processor has no WebAssembly SIMD, which finding hands needs: use a newer " +
    "browser or device.",
  noModel: "There is no model yet: choose a model file.",
  memory: "{name} needs more memory than this browser gives: choose a smaller model.",
  emptyFile: "{name} is empty: choose a video.",
  textFile: "{name} is a text and no video: choose a video.",
  imageFile: "{name} is a still image and no video: choose a video.",
  undecodable:
    "{name} cannot be decoded by this browser: convert it to H.264 (mp4) or VP9 (webm).",
  noImage: "{name} has no image: choose a video.",
  noLength: "{name} does not say how long it is: convert it to mp4.",
  breaksOff: "The video breaks off: convert it again, or choose another one.",
  fileBreaksOff: "{name} breaks off: copy or convert it again, or choose another one.",
  firstFrameCut:
    "{name} breaks off before its first frame is over: copy or convert it again, or choose " +
    "another one.",
  seemsCut:
    "{name} seems to be cut off: only its {frames} whole frames count; copy or record it again " +
    "if the sign is not complete.",
  seemsCutSomewhere:
    "{name} seems to be cut off: only its first whole frames count; copy or record it again if " +
    "the sign is not complete.",
  changesShape:
    "{name} changes the shape of its image at frame {frame}: cut it there, or record it again " +
    "with one shape.",
  notByCodec:
    "{name} cannot be decoded frame by frame here: leave the choice of the way to the page.",
  cameraInsecure:
    "A browser gives the camera to https pages and to this computer (localhost) only: open the " +
    "page there, or choose a file.",
  cameraRefused:
    "The camera was not allowed: allow it for this page in the browser's settings, or choose a " +
    "file.",
  cameraMissing: "No camera was found: connect one, or choose a file.",
  cameraBusy:
    "The camera cannot be read: close other programs that use it, or choose a file.",
  cameraStopped: "The camera stopped: connect it again, or choose a file.",
  cameraFails: "The camera did not start ({words}): choose a file.",
  emptyModel: "{name} is empty: copy it again from the run, or choose another model file.",
  noModelFile:
    "{name} is no model file: choose one that ends in .slr or .onnx, as chapter 8 of the book " +
    "writes them.",
  noGlosses:
    "{name} does not name its glosses: copy it again from the run, or choose another model file.",
  otherNumber:
    "{name} names {glosses} glosses and gives {answers} answers: export it again, or choose " +
    "another model file.",
  noProbabilities:
    "{name} answers with numbers that are no probabilities: export it again, or choose another " +
    "model file.",
  otherPoint:
    "{name} has a working point that is not one of ours: copy it again from the run, or choose " +
    "another model file.",
  slrOther:
    "{name} is not a model of our runtime: copy it again from the run, or choose another model " +
    "file.",
  slrVersion:
    "{name} has version {version} of the layout, and this page reads version {own}: load the " +
    "page anew, export the model again, or choose another one.",
  slrCut: "{name} is cut off: copy it again from the run, or choose another model file.",
  slrSizes:
    "{name} has sizes that no model of ours has: copy it again from the run, or choose another " +
    "model file.",
  slrStep:
    "{name} has a step that leaves its memory: copy it again from the run, or choose another " +
    "model file.",
  slrStream:
    "{name} is a network for sentences: it answers in the mode Sentences; choose a model for " +
    "single signs here.",
  slrDamaged: "{name} is damaged: copy it again from the run, or choose another model file.",
  closed: "{name} was closed: open it again.",
  otherLength:
    "{name} takes 1 to {most} frames of 75 x 2 numbers, but there are {numbers} numbers: shorten " +
    "the clip.",
  onnxDamaged:
    "{name} is damaged, the runtime cannot read it: copy it again from the run, or choose " +
    "another model file.",
  onnxFails:
    "{name} cannot answer a clip of landmarks: export it again, or choose another model file.",
  runtimeLost:
    "The runtime for {name} could not be fetched: check the network, and choose the file again.",
  noLandmarks:
    "Landmarks must be frames x {points} x 2 numbers, but there are {numbers}.",
  ownNoEmbedding:
    "This model cannot take new signs: choose a model that ends in .slr.",
  noStore: "This browser keeps nothing for this page: the sign is known until the page is closed.",

  // ---- the page of the letters
  pageLetters: "Letters",
  lettersTitle: "Which letter is this?",
  lettersTagline:
    "A letter of the hand alphabet, from the camera or an image. Runtime and network are one file, " +
    "made for a microcontroller. No image leaves your device.",
  lettersStage: "The square of the image that the network reads, in its resolution",
  lettersChoose: "Choose an image",
  lettersAnswer: "The letter",
  lettersAdvice: "The hand should fill the square in the middle of the image.",
  lettersNetwork: "Network",
  lettersAbout: "{count} letters, {size} x {size} pixels, {bytes} with its runtime.",
  lettersTaught: "Taught on: {source}.",
  lettersKnown: "Letters it knows",
  lettersReady: "Ready: use the camera or choose an image.",
  lettersShow: "Show a letter in the square.",
  lettersSaid: "{name}: {letter}, {share}.",
  lettersUnsure: "{name}: not sure.",
  lettersOff: "The camera is off.",
  lettersMissing: "{name} does not lie beside this page: chapter 13 of the book writes it.",
  lettersImage: "{name} is no image that this browser can read: save it as JPEG or PNG.",
  lettersSmall: "{name} has {width} x {height} pixels: choose a larger image.",
  lettersModule:
    "{name} is no WebAssembly, or only a part of it: write it again with chapter 13, or choose " +
    "another file.",
  lettersNote:
    "{name} does not say which letters it knows: write it again with chapter 13, or choose " +
    "another file.",
  lettersOther:
    "{name} is no network for images: write it again with chapter 13, or choose another file.",

  // ---- the page of the receipt
  pageReceipt: "Receipt",
  receiptTitle: "Does it say the same here?",
  receiptTagline:
    "An accuracy is quickly printed. This page computes it anew, on your device, and writes a " +
    "receipt.",
  receiptHeading: "Recompute",
  receiptAbout:
    "Beside this page lie a model, landmarks of somebody whom its training left out, and the " +
    "answers that are expected. Your browser fetches them, compares their hashes, answers every " +
    "clip, and counts.",
  receiptStart: "Recompute the accuracy",
  receiptFetching: "Fetching {name} …",
  receiptClip: "{name}: clip {clip} of {clips}",
  receiptOutcome: "What came out",
  receiptRight: "Right",
  receiptExpected: "Expected",
  receiptDiffering: "Differ",
  receiptData: "{clips} of {all} clips of “{group}”, whom the training left out, from {set}.",
  receiptSynthetic: "They are synthetic: no person was recorded.",
  receiptRecorded: "They were recorded with people.",
  receiptLicence: "Licence: {licence}.",
  receiptText: "Receipt",
  receiptCheck:
    "Its last line is the SHA-256 of the text above, which “head -n -1 receipt.txt | sha256sum” " +
    "computes again.",
  receiptSave: "Save receipt",
  receiptSame:
    "As expected: {right} of {clips} clips are right ({share}), and every answer is the one of " +
    "Python.",
  receiptOther:
    "{name} does not compute as expected here: {right} of {clips} clips are right, expected " +
    "{expected}, and {differing} are answered otherwise. Save the receipt and send it to whoever " +
    "runs this page.",
  receiptInsecure:
    "A browser computes SHA-256 for https pages and for this computer (localhost) only: open the " +
    "page there.",
  receiptMissing: "{name} does not lie beside this page: chapter 11 of the book writes it.",
  receiptDamaged: "{name} is damaged: copy it again from the run, or write it with chapter 11.",
  receiptVersion:
    "{name} has version {version} of the layout, and this page reads version {own}: load the " +
    "page anew, or write the file again with chapter 11.",
  receiptHash:
    "{name} is not the file that the receipt names, its SHA-256 is another one: copy both again " +
    "from the same run.",
  receiptGlosses:
    "{name} knows other glosses than the receipt: write the receipt again with chapter 11.",
  // ---- sentences
  modesTitle: "What shall be recognised?",
  modeSign: "One sign",
  modeSentences: "Sentences",
  titleSentences: "What is being signed?",
  taglineSentences:
    "Sign to the camera, or choose a video of any length. No image leaves your device.",
  chooseVideo: "Choose a video",
  dropOneHere: "… or drop a video anywhere on this page.",
  stopCamera: "Stop",
  sentencesTitle: "What was signed",
  sentencesFrom: "From",
  sentencesTo: "To",
  saveVtt: "Subtitles (.vtt)",
  saveElan: "Table (.csv)",
  sentencesAdvice:
    "One person, from the hips up, hands in view. Each sign appears a moment after it was made.",
  sentencesTimes:
    "The times are those of the network's answers, set back by the {delay} s that it usually " +
    "takes. It says that a sign was made and not how long it was: a sign begins where the one " +
    "before ends, {longest} s before its own end at the earliest.",
  sentencesLate:
    "The times are those of the network's answers, which come a moment after each sign; the file " +
    "does not say how long. A sign begins where the one before ends, {longest} s before its own " +
    "end at the earliest.",
  elanHow:
    "In ELAN: File, Import, CSV / Tab-delimited Text File; the columns are tier, begin time, end " +
    "time (milliseconds) and annotation, from the second row on.",
  sentencesLoading: "Fetching the network for sentences …",
  sentencesReady: "Ready for sentences: use the camera or choose a video.",
  sentencesWatching: "I am watching: sign, and press Stop when you are done.",
  sentencesAt: "{at} of {all}",
  sentencesDone: "Done: signs recognised: {count}, in {length} minutes.",
  sentencesNone: "Done: no sign was recognised, in {length} minutes.",
  sentencesPoint:
    "A sign is told from a confidence of {threshold} on; trained at {rate} frames a second.",
  oneVideo: "Sentences are read from one video at a time: choose one.",
  streamNotes:
    "{name} is no network for sentences, or does not say what this page must know ({what}): " +
    "write it again with chapter 14 of the book, or choose another file.",
  streamShapes:
    "{name} has other inputs or answers than it says: write it again with chapter 14 of the " +
    "book, or choose another file.",
} as const;

export type Key = keyof typeof en;
