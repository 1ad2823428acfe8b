/* SPDX-License-Identifier: Apache-2.0 */
import type {
  ReasonCode,
  Rule,
  SignerKind,
  StepName,
  ValueName,
  Verdict
} from '../check/types'
import { firstWords } from './first'

/** `{n}` is the number, in the reader's digits and grouping. */
export interface Plural {
  readonly one: string
  readonly other: string
}

type Sentences = Readonly<Record<StepName, Readonly<Record<Verdict, string>>>>

const steps: Sentences = {
  form: {
    holds: 'The proof is complete and well formed',
    fails: 'This is not a proof in its one form',
    unchecked: 'Not checked: whether the proof is well formed'
  },
  signature: {
    holds: 'The device signed this report itself',
    fails: 'The device did not sign this',
    unchecked: 'Not checked: that the device signed this report'
  },
  registration: {
    holds: 'The device is registered for this very place',
    fails: 'The registration does not fit this report',
    unchecked: 'Not checked: that the device is registered for this place'
  },
  authority: {
    holds: 'The authority of the area signed that registration',
    fails: 'The authority of the area did not sign that registration',
    unchecked: 'Not checked: that the authority of the area signed that registration'
  },
  inclusion: {
    holds: 'It is part of the public record',
    fails: 'It is not part of the record it claims to be in',
    unchecked: 'Not checked: that it is part of the public record'
  },
  file: {
    holds: 'The published file is the one that was sealed, and holds it',
    fails: 'The file that was served is not the one that was sealed',
    unchecked: 'Not checked: the published file'
  },
  frontier: {
    holds: 'Nothing earlier in the record was changed',
    fails: 'The record does not continue the one before it',
    unchecked: 'Not checked: that nothing earlier was changed'
  },
  chain: {
    holds: 'The record is the one on the blockchain',
    fails: 'The blockchain says something else',
    unchecked: 'Not checked: that the record is the one on the blockchain'
  }
}

const registration = {
  holds: 'The device is registered',
  fails: 'The registration does not fit this entry',
  unchecked: 'Not checked: that the device is registered'
}

/** Of entries that are no reports, by who must have signed them. */
const signerSteps: Readonly<Record<SignerKind, Pick<Sentences, 'signature' | 'registration'>>> = {
  device: {
    signature: {
      holds: 'The device signed this itself',
      fails: 'The device did not sign this',
      unchecked: 'Not checked: that the device signed this'
    },
    registration
  },
  official: {
    signature: {
      holds: 'The official signed this themselves',
      fails: 'The official did not sign this',
      unchecked: 'Not checked: that the official signed this'
    },
    registration: {
      ...registration,
      holds: 'The official is registered, and may do this',
      unchecked: 'Not checked: that the official is registered'
    }
  },
  citizen: {
    signature: {
      holds: 'The citizen signed this with a key of their own',
      fails: 'The citizen’s key did not sign this',
      unchecked: 'Not checked: that the citizen signed this'
    },
    registration
  },
  service: {
    signature: {
      holds: 'The service of the area signed this itself',
      fails: 'The service of the area did not sign this',
      unchecked: 'Not checked: that the service of the area signed this'
    },
    registration
  },
  authority: {
    signature: {
      holds: 'The authority of the area signed this itself',
      fails: 'The authority of the area did not sign this',
      unchecked: 'Not checked: that the authority of the area signed this'
    },
    registration
  }
}

const batchSteps: Partial<Sentences> = {
  form: {
    holds: 'The file is a complete record file',
    fails: 'This is not a record file in its one form',
    unchecked: 'Not checked: whether the file is well formed'
  },
  signature: {
    holds: 'Each entry is signed by whom it says',
    fails: 'An entry in it is not signed by whom it says',
    unchecked: 'Not checked: all signatures in it'
  },
  file: {
    holds: 'The file is the one that was sealed',
    fails: 'The file is not the one that was sealed',
    unchecked: 'Not checked: that it is the file that was sealed'
  }
}

const reasons: Readonly<Record<Exclude<ReasonCode, ''>, string>> = {
  unreachable: 'The server could not be reached.',
  slow: 'The server gave no whole answer in time.',
  'not-found': 'The server does not have it.',
  'not-anchored': 'This report is not on the blockchain yet. Try again in a few minutes.',
  conflict: 'Several areas have such a device; the area has to be named.',
  'server-error': 'The server answered with an error.',
  'too-large': 'The answer was longer than is read.',
  aborted: 'The check was stopped.',
  'no-rpc': 'This server names no public entrance to the blockchain.',
  'no-contract-given': 'Without the server nobody says which contract on the blockchain to ask.',
  'rpc-unreachable': 'The entrance to the blockchain could not be reached.',
  'rpc-slow': 'The blockchain gave no answer within ten seconds.',
  'rpc-error': 'The entrance to the blockchain answered with an error.',
  'rpc-other-chain': 'The entrance leads to another blockchain.',
  'rpc-no-contract': 'There is no such contract on that blockchain.',
  'rpc-log-range': 'The entrance does not search its history far enough.',
  'no-webcrypto': 'Your browser can check only on a page opened over https.',
  'no-bundle': 'There is no readable proof to check.',
  'not-asked': 'This was not asked for this kind of file.',
  'bundle-malformed': 'The file is no proof, or it was changed.',
  'entry-malformed': 'The entry inside is not in its one form.',
  'entry-other-area': 'The entry belongs to another area than the proof.',
  'other-report': 'The proof is for another report than was asked for.',
  'batch-malformed': 'The file is no record file, or it was changed.',
  'entry-not-counting': 'An entry in the file breaks a rule of the record.',
  'signature-bad': 'The key did not sign these bytes.',
  'keys-elsewhere': 'Some signers were registered in an earlier file.',
  'key-bad': 'The key is not a key.',
  'no-key': 'There is no readable registration to take the key from.',
  'registration-malformed': 'The registration is not in its one form.',
  'registration-other-area': 'The registration is of another area.',
  'registration-other-device': 'The registration is of another device.',
  'registration-other-official': 'The registration is of another official.',
  'registration-other-role': 'The official’s role does not allow this.',
  'registration-needless': 'The proof brings a registration that vouches for nothing in it.',
  'registration-other-site': 'The registration names another site.',
  'registration-other-place': 'The registration names another place.',
  'registration-revoked': 'The registration was withdrawn.',
  'registration-ahead': 'The registration was received before it can have been signed.',
  'registration-later': 'The registration is later than what it is to vouch for.',
  'registration-superseded': 'There is a newer registration before it.',
  'no-registration': 'There is no readable registration.',
  'area-not-registered': 'The contract does not know this area.',
  'area-registered-twice': 'The contract says two things about this area.',
  'authority-signature-bad': 'The authority’s key did not sign the registration.',
  'authority-key-bad': 'The authority’s key on the blockchain is not a key.',
  'path-bad': 'The proof does not lead from the entry to the record.',
  'cid-differs': 'Its bytes are not those that were published: it was tampered with.',
  'batch-other': 'It is the file of another area or another batch.',
  'entry-differs': 'At the entry’s place the file holds something else.',
  'index-outside': 'The file does not reach to the entry’s place.',
  'file-not-the-one': 'The published file was not there, or not the right one.',
  'prev-root-differs': 'The file contradicts itself about the record before it.',
  'prev-root-not-on-chain': 'The blockchain holds another record before this one.',
  'root-differs': 'The entries do not add up to the record’s seal.',
  'bundle-root-differs': 'The file’s seal is not the proof’s.',
  'bundle-other-chain': 'The proof names another blockchain than this server.',
  'bundle-other-contract': 'The proof names another contract than this server.',
  'root-not-on-chain': 'The blockchain has no such record.',
  'root-other': 'The blockchain holds another seal for this record.',
  'size-other': 'The blockchain holds another size for this record.',
  'cid-not-anchored': 'The blockchain names another file.',
  'rpc-disagree': 'Two entrances to the blockchain say different things.'
}

/** Why an entry doesn't count. */
const rules: Readonly<Record<Exclude<Rule, 'holds'>, string>> = {
  'unknown-device': 'The device is not registered.',
  'unknown-official': 'The official is not registered.',
  'revoked-device': 'The registration of the device was withdrawn.',
  'revoked-official': 'The registration of the official was withdrawn.',
  'wrong-site': 'Its site or its place are not those of its device.',
  'bad-signature': 'It is not signed by whom it says.',
  'bad-key': 'The key that it registers is not a key.',
  'not-newer': 'It is not newer than what it would replace.',
  'seq-used': 'Its number was used before.',
  'seq-old': 'Its number is too far behind the device’s newest.',
  'seq-before-key': 'Its number is of a time when the device had another key.',
  'seq-lost': 'The device had said that this number is lost.',
  'lost-not-below': 'Numbers that it calls lost are not below the device’s newest.',
  'lost-used': 'A number that it calls lost is in the record.',
  'complaint-n': 'It is not the next step of its complaint.',
  'complaint-prev': 'It does not follow the step before it of its complaint.',
  'complaint-place': 'It names another place than its complaint.',
  'complaint-who': 'Whoever did this to the complaint may not do it.',
  'complaint-state': 'This may not be done to a complaint that stands as this one did.',
  'complaint-category': 'The area’s profile has no such kind of complaint.',
  'complaint-to': 'It is assigned to nobody who may take it.',
  'complaint-of': 'It is called a duplicate of a complaint that does not stand.',
  'complaint-late': 'It was reopened too long after it was confirmed.',
  'notice-n': 'It is not the next entry of its announcement.',
  'notice-prev': 'It does not follow the entry before it of its announcement.',
  'notice-who': 'An auditor may not announce anything.',
  'notice-changed': 'It is about something else than its announcement was.',
  'notice-earlier': 'The shutdown begins earlier than was announced.',
  'notice-ended': 'Its announcement had been withdrawn.',
  'bad-profile': 'The profile in it is not in its one form.',
  'other-area': 'It belongs to another area.',
  order: 'It was received before the entry above it.',
  window: 'It was received outside the time of the file.',
  ahead: 'It is dated later than it can have been received.',
  'after-roster': 'It stands after the roll of the devices.',
  'roster-time': 'The roll of the devices is not of the end of the file.',
  'roster-batch': 'The roll of the devices is of another file.',
  'roster-expected': 'The roll does not count the devices as they are.',
  'roster-heard': 'The roll does not count the devices that were heard.',
  'roster-silent': 'The roll does not have the silent devices right.',
  'roster-missing': 'The roll of the devices is missing.'
}

/** What an entry says that is no report. */
const entries = {
  action: 'Complaint {complaint}, step {n}: {action}, by {by}, {time}.',
  actions: {
    file: 'filed',
    join: 'joined (“me too”)',
    comment: 'commented',
    acknowledge: 'acknowledged',
    assign: 'assigned to {to}',
    resolve: 'said to be resolved',
    unresolve: 'not resolved after all',
    reject: 'rejected',
    approve: 'rejection approved',
    duplicate: 'called a duplicate of {of}',
    reopen: 'reopened',
    confirm: 'confirmed to be resolved',
    withdraw: 'withdrawn'
  },
  citizen: 'a citizen',
  service: 'the service, for a citizen',
  notice: '{about} for {scope}, {start} to {end}; announced by {by}, {time}.',
  noticeWithdrawn: '{about} for {scope}: withdrawn by {by}, {time}.',
  abouts: { shutdown: 'Planned shutdown', estimate: 'Estimate of when power is back' },
  scopes: { area: 'the whole area', feeder: 'feeder {target}', site: 'site {target}' },
  profile: 'The area’s profile (its rules and times) from {time} on.',
  lostOne: 'Device {device} says that its report {first} is lost: {reason}.',
  lost: 'Device {device} says that its reports {first} to {last} are lost: {reason}.',
  losses: {
    jump: 'its counter moved by itself',
    overwritten: 'its memory was full',
    reset: 'its memory was lost'
  },
  device: 'Device {device} at site {site}: {status}, {time}.',
  official: 'Official {official} ({name}): {status}, {time}.',
  statuses: { active: 'registered', revoked: 'withdrawn' },
  roster: 'The roll of the devices of batch {batch}: {heard} of {expected} were heard.'
}

const values: Readonly<Record<ValueName, string>> = {
  address: 'address',
  status: 'HTTP status',
  detail: 'detail',
  where: 'line',
  asked: 'asked for',
  got: 'got',
  area: 'area',
  device: 'device',
  site: 'site',
  official: 'official',
  role: 'role',
  signer: 'signed by',
  kind: 'kind',
  received: 'received',
  ts: 'device’s clock',
  signedBytes: 'what was signed',
  signature: 'signature',
  key: 'public key',
  entry: 'entry',
  registration: 'registration',
  authorityKey: 'authority’s key',
  serviceKey: 'service key',
  leaf: 'leaf hash',
  index: 'index',
  size: 'entries so far',
  path: 'proof path',
  root: 'root',
  computedRoot: 'root, computed here',
  cid: 'CID',
  computedCid: 'CID, computed here',
  bytes: 'bytes',
  entries: 'entries',
  unknownSigners: 'entries of unknown signers',
  batch: 'batch',
  prevRoot: 'root before',
  computedPrevRoot: 'root before, computed here',
  prevSize: 'entries before',
  prevRootOnChain: 'root before, on the chain',
  from: 'from',
  to: 'to',
  endpoints: 'endpoints asked',
  answers: 'answers',
  chainId: 'chain id',
  contract: 'contract',
  block: 'block',
  transaction: 'transaction',
  anchoredAt: 'anchored at',
  anchoredCid: 'CID on the chain',
  rootOnChain: 'root on the chain'
}

const first = firstWords.en

export const en = {
  name: first.name,
  otherLanguage: 'हिन्दी',
  otherLanguageLabel: 'हिन्दी में दिखाएँ',
  otherLanguageLater: 'हिन्दी अभी नहीं मिली: सर्वर से संपर्क होते ही यह पन्ना हिन्दी में दिखेगा।',
  skip: 'Skip to the list of outages',
  skipFile: 'Skip to “Check a proof file”',
  link: {
    unread: 'A part of the link could not be read and was left out: {text}',
    close: 'Close'
  },
  view: { label: 'View', map: 'Map', list: 'List' },
  connection: {
    connecting: 'Connecting …',
    loading: first.loading,
    live: 'Live',
    stale: 'Not live',
    incompatible: 'Not readable',
    replay: 'replay, {speed} times as fast',
    clock: 'as of {time}'
  },
  stale: {
    heard: 'Last heard {ago}; trying again.',
    never: 'Nothing could be loaded yet; trying again.',
    incompatible: 'What answers here is not a Power Tracker that this page can read.',
    again: 'The server answers again; everything is being loaded anew.',
    old: 'What you see is as it was then.',
    reason: {
      unreachable: 'The server cannot be reached.',
      silent: 'The server has gone silent.',
      ended: 'The server ended the connection.',
      malformed: 'The server sent something that cannot be read.',
      busy: 'The server is busy.',
      html: 'A web page came instead of data.',
      version: 'The server speaks another version.'
    },
    retry: 'Try now'
  },
  loading: {
    sites: { one: '{n} site loaded …', other: '{n} sites loaded …' },
    outages: 'Loading the outages …'
  },
  states: { on: 'on', off: 'off', silent: 'silent', unknown: 'unknown' },
  legend: {
    label: 'What the signs mean',
    on: 'power on',
    off: 'power off',
    silent: 'silent: not heard from, so not known',
    unknown: 'never heard from',
    cluster: 'several sites; the number is how many are off',
    feeder: 'sites of one feeder',
    feederOff: 'a feeder that is mostly off',
    area: 'an area'
  },
  counts: {
    ...first.counts,
    homes: { one: '{n} home', other: '{n} homes' },
    silent: { one: '{n} not heard from, so not known', other: '{n} not heard from, so not known' }
  },
  search: {
    label: 'Search for a place, a site, an area or a complaint’s number',
    placeholder: 'Place, site or area',
    clear: 'Clear the search',
    results: { one: '{n} result', other: '{n} results' },
    more: 'More than these; type on.',
    none: 'Nothing found for “{text}”. Try a town, or the number on the transformer.',
    complaint: 'Look for it',
    wrongNumber: 'Nothing found. If it is a complaint’s number: a digit of it is wrong or missing.',
    areaSites: { one: '{n} site', other: '{n} sites' }
  },
  outages: {
    title: 'Outages now',
    none: 'No outage is known now.',
    waiting: 'The outages are not loaded yet.',
    since: 'since {time}',
    shown: 'The newest {shown} of {all}',
    more: { one: 'Show {n} more', other: 'Show {n} more' },
    fresh: { one: '{n} new – show', other: '{n} new – show' },
    over: 'power is back',
    order: 'Order',
    newest: 'Newest',
    towns: 'By town',
    silentNow: 'silent since {time}, so not known now'
  },
  group: {
    areaTitle: 'Area {area}',
    sites: { one: '{n} site near here', other: '{n} sites near here' },
    off: { one: '{off} of {n} site without power', other: '{off} of {n} sites without power' },
    none: 'No site here is known to be without power',
    first: 'first since {time} ({duration})',
    back: { one: '{n} came back in the last hour', other: '{n} came back in the last hour' },
    outages: 'Outages here now',
    missing: { place: 'No site here is near “{name}”.', area: 'There is no area “{name}” here.' }
  },
  place: {
    title: { one: '{n} site in this spot', other: '{n} sites in this spot' },
    close: 'Close'
  },
  where: {
    away: '{distance} {direction} of {place}',
    directions: [
      ...['north', 'north-east', 'east', 'south-east'],
      ...['south', 'south-west', 'west', 'north-west']
    ]
  },
  near: {
    button: 'Near me',
    asking: 'Asking your device where it is …',
    denied: 'Your browser did not allow it. You can search for your site instead.',
    unavailable: 'Your device does not know where it is.',
    insecure: 'Your browser tells where you are only to pages opened over https.',
    here: 'No power here',
    away: 'Nearest device, {distance} away: {state}',
    states: {
      off: 'no power',
      on: 'power is on',
      silent: 'we cannot say',
      unknown: 'we cannot say'
    },
    around: {
      one: '{n} of {all} sites within 1 km is off',
      other: '{n} of {all} sites within 1 km are off'
    },
    aroundNone: 'Of {all} sites within 1 km none is known to be off',
    nobody: 'No device is within 1 km of you',
    unsure: 'Your device knows where it is only to within {distance}.',
    stays: 'Your place stays in your browser.',
    far: 'No device is near you; the nearest is about {distance} away.',
    empty: 'There are no sites yet.'
  },
  map: {
    label: 'Map of all sites',
    canvas: 'Map: {off} of {all} sites without power. The list holds the same.',
    zoomIn: 'Zoom in',
    zoomOut: 'Zoom out',
    noTiles: 'The map’s background could not be loaded; the sites are shown all the same.'
  },
  site: {
    close: 'Close',
    back: 'Back to the list',
    title: 'Site {site}',
    near: 'near {place}',
    nearTitle: 'Near {place}',
    area: 'area {area}',
    feeder: 'feeder {feeder}',
    level: { transformer: 'transformer', cluster: 'street cluster', house: 'house' },
    off: {
      transformer: 'No power at this transformer',
      cluster: 'No power in this street cluster',
      house: 'No power at this house'
    },
    offSince: 'since {time} ({duration})',
    noEstimate: 'No estimate was given of when it comes back.',
    on: 'Power is on',
    onSince: 'since {time}',
    silent: 'We cannot say',
    silentSince: 'We have not heard from this device since {time}, so we cannot say.',
    silentWas: 'The last we heard was that there was no power, since {time}.',
    unknown: 'We cannot say',
    unknownText: 'We have never heard from this device, so we cannot say.',
    unknownCut: 'The device here is not in use any more, so we cannot say.',
    heard: 'last heard {time}',
    asOf: 'As it was {ago}, when we last heard from the server.',
    missing: 'There is no site {site} here.',
    copied:
      'The key of device {device} is in two hands: two different reports came with its signature and the same number. Until it has a new key, what is said of this site may be somebody else’s word.',
    copiedProof: 'See both signed reports (new tab)',
    share: 'Copy link',
    shared: 'Copied'
  },
  complaint: {
    report: 'Report a problem',
    reportAt: 'Report a problem at site {site}',
    mine: 'My complaints',
    title: 'Complaint {number}',
    failed: 'This part of the page could not be loaded.'
  },
  history: {
    title: 'The last 7 days',
    off: {
      one: '{n} outage, {duration} without power',
      other: '{n} outages, {duration} without power'
    },
    none: 'no outage reported',
    unknown: '{duration} not known',
    day: '{day}: {text}',
    dayOff: '{duration} without power',
    legendOn: 'no outage reported',
    legendOff: 'off',
    legendUnknown: 'not known',
    failed: 'The history could not be loaded.',
    loading: 'Loading the history …'
  },
  reports: {
    title: 'Last reports',
    none: 'No report has been heard from here.',
    failed: 'The reports could not be loaded.',
    loading: 'Loading the reports …',
    on: 'power on',
    off: 'power off',
    number: 'report {n}',
    check: 'Check',
    checkLabel: 'Check the report of {time}',
    states: {
      open: 'received; waits for its window to end',
      sealed: 'sealed; waits to be published',
      published: 'published; waits for the blockchain',
      submitted: 'on its way into the blockchain',
      final: 'on the blockchain'
    }
  },
  check: {
    title: 'Is this true?',
    how: 'How?',
    intro: 'You need not believe this page: your browser can verify the newest report by itself.',
    asks: 'It will ask the blockchain at {endpoints}.',
    asksNobody:
      'This server names no entrance to the blockchain, so that part will stay unchecked.',
    button: 'Check it yourself',
    again: 'Check again',
    stop: 'Stop',
    running: 'Your browser is checking …',
    holds: 'Verified in your browser. Everything holds.',
    fails: 'Refused: this does not hold. Do not believe it.',
    unchecked: 'Nothing is wrong so far, but not everything could be checked.',
    nothing: 'Nothing could be checked.',
    'no-proof': 'This is no proof file.',
    noProof: 'It is another file, or one that was cut off or changed. Choose another.',
    says: 'The report says: {power} at {time}, site {site}.',
    sealedAt: 'Sealed on the blockchain {time}.',
    recordSays: 'Batch {batch} of area {area}.',
    limits: 'Never checked here: that no report is missing from the record.',
    raw: 'Raw values',
    save: 'Save proof',
    verdicts: { holds: 'holds', fails: 'fails', unchecked: 'not checked' },
    phases: {
      bundle: 'Fetching the proof',
      file: 'Fetching the published file',
      cid: 'Computing the file’s fingerprint',
      entries: 'Reading the entries',
      tree: 'Adding the entries up',
      signatures: 'Checking signatures'
    },
    steps,
    batchSteps,
    signerSteps,
    reasons,
    rules,
    ruleAt: 'Line {line}: {rule}',
    entries,
    values,
    technical: {
      form: '{kind} of area {area}',
      signature: 'ECDSA P-256 with SHA-256, key {key}',
      registration: 'device {device}, registered {received}',
      authority: 'authority’s key on the contract {authorityKey}',
      inclusion: 'index {index} of {size} entries, proof of {path} steps',
      file: 'CID {cid}',
      frontier: 'continues {prevSize} entries, root {prevRoot}',
      chain: 'block {block}, contract {contract}'
    },
    batchForm: '{entries} entries, {bytes} bytes',
    officialLine: 'official {official}, {role}, registered {received}'
  },
  file: {
    button: 'Check a proof file',
    hint: 'Or drop one anywhere on this page.',
    title: 'Check a file',
    intro:
      'Your browser checks the file by itself; it is not sent anywhere. The published record that it names is fetched from this server and checked too.',
    drop: 'Drop the file to check it',
    close: 'Close',
    another: 'Choose another file',
    tooLarge: 'The file is larger than 256 MB; it was not read.',
    unreadable: 'The file could not be read.',
    name: '{name}, {bytes} bytes'
  },
  trust: {
    title: 'Whom you trust',
    intro:
      'The first contract that a server names is kept by your browser. Empty: the next one that is named.',
    contract: 'Contract (chain:address)',
    endpoints: 'Entrances to the blockchain, with blanks between; all must say the same',
    use: 'Use',
    other: 'This server names another contract than the one you trust. What it shows will not hold.'
  },
  time: {
    at: '{date}, {time}',
    less: 'less than a minute',
    justNow: 'just now',
    minutes: { one: '{n} min', other: '{n} min' },
    hours: { one: '{n} h', other: '{n} h' },
    days: { one: '{n} day', other: '{n} days' },
    secondsAgo: { one: '{n} second ago', other: '{n} seconds ago' },
    minutesAgo: { one: '{n} minute ago', other: '{n} minutes ago' },
    hoursAgo: { one: '{n} hour ago', other: '{n} hours ago' },
    metres: { one: '{n} m', other: '{n} m' },
    kilometres: { one: '{n} km', other: '{n} km' }
  }
}

type Shape<T> = T extends string
  ? string
  : T extends Plural
    ? Plural
    : { readonly [K in keyof T]: Shape<T[K]> }

/** What every language has to say. */
export type Words = Shape<typeof en>
