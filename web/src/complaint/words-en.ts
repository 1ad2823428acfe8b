/* SPDX-License-Identifier: Apache-2.0 */

export const en = {
  report: {
    title: 'Report a problem',
    close: 'Close',
    loading: 'Loading …',
    failed: 'This part of the page could not be loaded.',
    again: 'Try again',
    where: 'Where?',
    here: 'Where I am',
    pin: 'A place on the map',
    site: 'Site {site}',
    near: 'near {place}',
    cell: 'About here, to within a kilometre',
    cellHint: 'Your exact place is not sent: only a square of about a kilometre.',
    area: 'Area',
    change: 'Another place',
    looking: 'Asking your device where it is …',
    denied: 'Your browser did not allow it. Choose a place on the map instead.',
    pinHow: 'Move the map until the cross is where the problem is.',
    pinUse: 'This is the place',
    pinCancel: 'Back',
    known: 'We know: no power here since {time}',
    knownLine: { one: '{n} site of this line is out.', other: '{n} sites of this line are out.' },
    knownOne: 'The device at this site reports it.',
    estimate: 'Expected back between {from} and {to}, signed by the office.',
    shutdown: 'Announced: no power from {from} to {to}.',
    join: {
      one: 'I am affected too ({n} person so far)',
      other: 'I am affected too ({n} people so far)'
    },
    joined: 'You are in this complaint.',
    open: 'Look at it',
    else: 'Or tell us something else',
    what: 'What is wrong?',
    text: 'What happened? (not public)',
    textHint: 'Only officials of your area read this.',
    contact: 'Telephone or e-mail, if you want to be asked back (not public)',
    photo: '+ Photo (place and camera are removed)',
    photoMore: '+ Another photo',
    photoGone: 'Remove photo {n}',
    photoShown: 'Photo {n}',
    photoBad: 'This picture could not be read. Choose a JPEG, PNG or WebP.',
    send: 'Send',
    account: 'No account. Your browser makes a key, so that only you can say it is solved.',
    noProfile: 'The kinds of problems of this area could not be loaded.',
    insecure:
      'This page came over plain http, so your browser cannot make a key. The service can file it for you; then nobody but the office can say that it is solved.',
    insecureSend: 'Let the service file it'
  },
  categories: {
    'no-supply': 'No power',
    voltage: 'Low or high voltage',
    damage: 'Damaged pole or wire',
    billing: 'Bill or meter',
    other: 'Something else'
  },
  sending: {
    working: 'Sending …',
    waiting: 'Not sent yet: there is no connection. It is kept on this device and is sent as soon as there is one.',
    waitingShort: 'Not sent yet',
    now: 'Send now',
    forgotten: 'This browser keeps nothing: leave this page open until it is sent.',
    drop: 'Do not send it',
    refused: 'It was not taken: {detail}',
    reasons: {
      'too-many': 'Too many complaints came from your connection. Try again later.',
      'complaint-state': 'Somebody was faster: this is not possible any more.',
      'complaint-who': 'This is not possible with your key.',
      'complaint-late': 'It was confirmed too long ago to be opened again.',
      'complaint-category': 'The area has no such kind of problem any more. Choose again.',
      'too-large': 'It is too large.',
      'unknown-area': 'The server does not know this area.',
      'unknown-site': 'The server does not know this site.'
    },
    kept: 'What you wrote is still here.'
  },
  mine: {
    title: 'My complaints',
    button: { one: 'My complaint', other: 'My {n} complaints' },
    have: 'I have a receipt or a number',
    none: 'There is none on this device.',
    draft: 'Not sent yet',
    changed: 'something new',
    open: 'Open a receipt',
    openHint: 'A file that you saved on this or another phone.',
    bad: 'This file is no receipt of a complaint, or it was changed.',
    alone: 'A receipt',
    aloneHint: 'It does not say of which complaint it is. That it was given, and whether its promise was kept, can be checked all the same.',
    number: 'A complaint’s number',
    find: 'Find',
    noSuch: 'There is no complaint with this number here.',
    badNumber: 'This is no number of a complaint: a digit is wrong or missing.',
    forget: 'Remove from this device',
    forgetAsk: 'Without the receipt nobody can act as you any more. Remove it?',
    yes: 'Yes, remove it',
    no: 'No'
  },
  complaint: {
    title: 'Complaint {number}',
    yours: 'Your complaint',
    numberHint: 'Number, to say on the telephone',
    missing: 'The server does not know complaint {number}.',
    missingMine:
      'The server says it does not know complaint {number}. But you hold a receipt for it. Check it yourself below.',
    failed: 'The complaint could not be loaded: {detail}',
    at: 'at site {site}',
    cell: 'a place of about a kilometre',
    filed: 'filed {time}',
    openHere: { one: '{n} open complaint here', other: '{n} open complaints here' },
    age: 'filed {ago}',
    isOverdue: 'overdue',
    stillDark: 'Closed against the evidence',
    people: { one: '{n} person affected', other: '{n} people affected' },
    receipt: 'Your receipt',
    receiptText: 'It proves that you complained at {time} and that it must be in the public record by {by}. Keep it: it is also your key.',
    receiptPlain: 'It is the key to your complaint. Keep it.',
    receiptBad: 'The server’s receipt does not fit what you sent. Do not believe it.',
    save: 'Save the receipt',
    saved: 'Saved. Keep the file.',
    saveAgain: 'Save it again',
    other: 'Open it on another phone',
    otherHow: 'Point the other phone’s camera at this. Whoever takes a picture of it can act as you.',
    otherDone: 'Hide it',
    qr: 'QR code: address of this complaint',
    qrKey: 'QR code: address of this complaint and your key',
    imported: 'Your key is on this phone now.',
    importBad: 'The key in the link does not fit this complaint.',
    ackBy: 'Answer due by {time}',
    ackDone: 'Answered {time}',
    resolveBy: 'solved by {time}',
    overdue: 'Overdue since {time}',
    rule: 'By the standard of your area.',
    nowTitle: 'What now?',
    nowText: 'You need do nothing. This page shows at once when something happens, and again whenever you open it.',
    nowResolved: 'Tell the office whether it is solved. Without your word it is not counted as confirmed.',
    nowService: 'The service filed it, as your browser could not. Ask about it with its number.',
    states: {
      open: 'Waiting for an answer',
      acknowledged: 'The office has seen it',
      assigned: 'Somebody was sent',
      resolved: 'The office says: solved',
      rejecting: 'An officer wants to reject it; a second one has to agree',
      rejected: 'The office rejected it',
      duplicate: 'The office says: it is the same as another complaint',
      confirmed: 'Confirmed: it is solved',
      withdrawn: 'Withdrawn'
    },
    against: 'The device at your site says: no power.',
    fellAgain: 'The device at your site says: the power went again.',
    againstText: 'Closed against the evidence. The clock goes on.',
    supported: 'The devices at the site say the same.',
    held: 'The power has stayed since.',
    unsupported: 'No device can tell whether it is so.',
    stepEvidence: {
      contradicted: 'Against the evidence: the device at the site said that there was no power.',
      supported: 'The devices at the site said the same.',
      unsupported: 'No device could tell whether it was so.'
    },
    stepLater: {
      held: 'The power stayed.',
      'fell-again': 'Against the evidence: the power went again soon after.'
    },
    supplyBack: 'Power is back since {time}. Is it solved for you?',
    stateOther: 'The server says another state than the signed steps do. Check it yourself.',
    confirmed: { one: '{n} of {all} affected confirmed it', other: '{n} of {all} affected confirmed it' },
    reopen: 'It is not solved: open it again',
    reopenSend: 'Open it again',
    confirm: 'Yes, it is solved',
    comment: 'Say something more',
    commentSend: 'Send it',
    withdraw: 'Withdraw it',
    withdrawAsk: 'It is then ended for good. Withdraw it?',
    yes: 'Yes, withdraw it',
    no: 'No',
    why: 'What is still wrong? (not public)',
    steps: 'What happened so far',
    you: 'You',
    somebody: 'Somebody who is affected',
    service: 'The service, for somebody without a browser',
    by: 'by {name}',
    official: 'official {id}',
    acts: {
      file: 'A complaint was made',
      join: 'Somebody is affected too',
      comment: 'A remark',
      acknowledge: 'Acknowledged',
      assign: 'Somebody was sent: {to}',
      resolve: 'Resolved',
      unresolve: 'Opened again by the office',
      reject: 'Rejected',
      approve: 'The rejection was agreed to',
      duplicate: 'The same as complaint {of}',
      reopen: 'Opened again',
      confirm: 'Confirmed as solved',
      withdraw: 'Withdrawn'
    },
    yourActs: {
      file: 'You complained',
      join: 'You joined',
      comment: 'You said more',
      reopen: 'You opened it again',
      confirm: 'You confirmed it',
      withdraw: 'You withdrew it'
    },
    unreadable: 'A step that cannot be read',
    yourKey: 'your key',
    signed: 'signed',
    notChecked: 'not checked yet',
    bad: 'does not hold',
    log: {
      open: 'received',
      sealed: 'in the record, on its way to the blockchain',
      published: 'in the record, on its way to the blockchain',
      submitted: 'in the record, on its way to the blockchain',
      final: 'on the blockchain'
    },
    loading: 'Loading …'
  },
  check: {
    title: 'Is this true?',
    intro: 'You need not believe this page: your browser can verify each step by itself.',
    button: 'Check it yourself',
    again: 'Check again',
    running: 'Your browser is checking …',
    holds: 'Checked in your browser. Everything holds.',
    holdsText: {
      one: '{n} step, signed by who is named, and on the blockchain.',
      other: '{n} steps, each signed by who is named; nothing between them is missing; all are on the blockchain.'
    },
    fails: 'This does not hold. Do not believe it.',
    unchecked: 'Nothing is wrong so far, but not everything could be checked.',
    verdicts: { holds: 'holds', fails: 'fails', unchecked: 'not checked' },
    raw: 'Raw values',
    steps: {
      chain: {
        holds: 'Each step names the one before',
        fails: 'A step is missing or was put in between',
        unchecked: 'Not checked: that each step names the one before'
      },
      own: {
        holds: 'Your own steps carry your key',
        fails: 'Your own steps are not what you sent',
        unchecked: 'Not checked: that your steps carry your key'
      },
      signatures: {
        holds: 'Each step is signed by who is named',
        fails: 'A step is not signed by who is named',
        unchecked: 'Not checked: all signatures'
      },
      roles: {
        holds: 'Who acted was registered, and may do this',
        fails: 'Somebody did what they may not do',
        unchecked: 'Not checked: that who acted may do this'
      },
      places: {
        holds: 'Each step is in the public record',
        fails: 'A step is not in the record it is said to be in',
        unchecked: 'Not all steps are on the blockchain yet'
      },
      roots: {
        holds: 'The record is the one on the blockchain',
        fails: 'The blockchain says something else',
        unchecked: 'Not checked: that the record is the one on the blockchain'
      },
      receipt: {
        holds: 'Your receipt was kept',
        fails: 'Your receipt was broken: what was promised to you is not in the record',
        unchecked: 'Your receipt is not due yet'
      },
      late: 'What your receipt promised came late, or not yet',
      none: 'Not checked: a receipt'
    },
    receipts: {
      kept: 'promised {by}, in the block of {at}',
      late: 'promised {by}, but only in the block of {at}: late',
      pending: 'promised by {by}',
      broken: 'promised {by}; the record of that time, anchored {at}, does not hold it',
      none: 'You hold no receipt of this complaint.'
    },
    reasons: {
      'not-found': 'The server does not know this complaint.',
      malformed: 'Step {n} is not in its one form.',
      prev: 'Step {n} does not name the one before it.',
      dropped: 'A step that you sent, and that was received, is not there.',
      'own-signature': 'Step {n} says it is yours, but your key did not sign it.',
      signature: 'The key did not sign step {n}.',
      registration: 'The registration of who signed step {n} does not hold.',
      'no-registration': 'Who signed step {n} can be looked up once it is on the blockchain.',
      'no-keys': 'The keys of the area could not be read from the blockchain.',
      'no-key-here': 'Your key is not on this device.',
      role: 'Step {n} breaks a rule: {rule}.',
      path: 'The proof of step {n} does not lead to the record.',
      'other-entry': 'The proof of step {n} is of something else.',
      waiting: { one: '{n} step waits for the blockchain.', other: '{n} steps wait for the blockchain.' },
      root: 'The blockchain has another root for batch {batch}.',
      chain: 'The blockchain could not be asked.',
      'receipt-malformed': 'The receipt is not in its one form, or was changed.',
      'receipt-signature': 'The service’s key did not sign the receipt.',
      'no-file': 'The record of that time could not be had.',
      'no-webcrypto': 'Your browser can check only on a page opened over https.'
    }
  }
}

interface Plural {
  readonly one: string
  readonly other: string
}

type Shape<T> = T extends string
  ? string
  : T extends Plural
    ? Plural
    : { readonly [K in keyof T]: Shape<T[K]> }

export type ComplaintWords = Shape<typeof en>
