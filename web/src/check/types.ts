/* SPDX-License-Identifier: Apache-2.0 */

import type { Entry } from '../core/entry'

export type { ActionEntry, Entry, NoticeEntry } from '../core/entry'
export type { Rule, SignerKind } from '../core/rules'

/* The words of a check: the questions, their verdicts and the reasons, without any text for people
 * (i18n makes that of name, verdict and reason). Names and order are those of common/pt-check.h. */

/** The questions asked, in the order they are shown. */
export const stepNames = [
  'form',
  'signature',
  'registration',
  'authority',
  'inclusion',
  'file',
  'frontier',
  'chain'
] as const
export type StepName = (typeof stepNames)[number]

/** `holds` only if it was computed here and now; `unchecked` for whatever could not be. */
export type Verdict = 'holds' | 'fails' | 'unchecked'

/** `no-proof`: a file that somebody brought is none at all, so nothing in it claims anything. */
export type ResultVerdict = Verdict | 'no-proof'

/** Why something could not be fetched from the daemon (any step). */
export type FetchReason =
  | 'unreachable' // no connection, or the browser refused it
  | 'slow' // no whole answer in time
  | 'not-found' // 404: the daemon does not know the report or has not got the file
  | 'not-anchored' // 409: the report's batch is not on the chain yet
  | 'conflict' // 409: several areas have such a device, and none was named
  | 'server-error' // any other status
  | 'too-large' // longer than what is read
  | 'aborted' // the person stopped the check

/** Why something could not be learnt from an endpoint of the chain. */
export type ChainReason =
  | 'no-rpc' // no endpoint was given
  | 'no-contract-given' // nobody but perhaps the bundle says which contract, and that is not enough
  | 'rpc-unreachable' // no connection, or the browser refused it
  | 'rpc-slow' // no answer within ten seconds
  | 'rpc-error' // an answer that is an error, or none of the form expected
  | 'rpc-other-chain' // the endpoint belongs to another chain
  | 'rpc-no-contract' // the endpoint knows no contract at that address
  | 'rpc-log-range' // the endpoint refuses to search its logs far enough
  | 'aborted'

/** Everything that a step's `reasonCode` may be; '' when it holds. */
export type ReasonCode =
  | ''
  | FetchReason
  | ChainReason
  // any step, unchecked
  | 'no-webcrypto' // the browser offers no crypto.subtle: the page came over plain http
  | 'no-bundle' // the bundle could not be had or read, so there is nothing to check
  | 'not-asked' // not a question for this sort of file, or no daemon to fetch from
  // form, fails
  | 'bundle-malformed' // not a proof bundle in its one form
  | 'entry-malformed' // the entry inside is not in its one form
  | 'entry-other-area' // the entry is of another area than the bundle
  | 'other-report' // the bundle is for another report than was asked for
  | 'entry-not-counting' // an entry breaks the rule `detail`; `where` is the batch file's line
  | 'batch-malformed' // (form, file) not a batch file in its one form; `where` says the line
  // signature
  | 'signature-bad' // fails: the key did not sign these bytes; in a batch file, that of line `where`
  | 'keys-elsewhere' // unchecked, batch files: some signers were registered in an earlier batch
  | 'key-bad' // fails: the key is no point of the curve
  | 'no-key' // unchecked: there is no readable registration to take the key from
  // registration, fails
  | 'registration-malformed' // the registration is not in its one form
  | 'registration-other-area' // it is of another area
  | 'registration-other-device' // it is of another device, or of none
  | 'registration-other-official' // it is of another official, or of none
  | 'registration-other-role' // nobody of its role may do this
  | 'registration-needless' // nobody's registration vouches for such an entry
  | 'registration-other-site' // it names another site
  | 'registration-other-place' // it names another position
  | 'registration-revoked' // it is a revocation
  | 'registration-ahead' // dated more than 5 minutes after its receipt
  | 'registration-later' // it was received after the entry
  | 'registration-superseded' // the batch file itself holds a newer one before the entry
  // authority
  | 'no-registration' // unchecked: there is no readable registration
  | 'area-not-registered' // fails: the contract has no such area
  | 'area-registered-twice' // fails: the contract says two things
  | 'authority-signature-bad' // fails: the area's authority did not sign the registration
  | 'authority-key-bad' // fails: the contract's key is no point of the curve
  // inclusion, fails
  | 'path-bad' // the path does not lead from the entry to the root
  // file, fails
  | 'cid-differs' // the bytes are not those that the CID names
  | 'batch-other' // another area's or another batch than the bundle's
  | 'entry-differs' // the line at the index is another entry
  | 'index-outside' // the batch does not hold that index
  // frontier
  | 'file-not-the-one' // unchecked: no batch file, or not the one that was named
  | 'prev-root-differs' // fails: the frontier does not give prev_root
  | 'prev-root-not-on-chain' // fails: the chain has another root for the batch before
  | 'root-differs' // fails: the entries do not give the file's root and size
  | 'bundle-root-differs' // fails: the file's root or size is not the bundle's
  // chain, fails
  | 'bundle-other-chain' // the bundle names another chain than the page's
  | 'bundle-other-contract' // the bundle names another contract than the page's
  | 'root-not-on-chain' // the contract has no such batch
  | 'root-other' // the contract has another root for it
  | 'size-other' // the contract's event names another size
  | 'cid-not-anchored' // the contract's event names another CID
  | 'rpc-disagree' // (chain, authority) two endpoints say different things

export interface Step {
  readonly name: StepName
  readonly verdict: Verdict
  readonly reasonCode: ReasonCode
  /** Raw values for whoever looks underneath; keys are stable English words, see `valueNames`. */
  readonly values: Readonly<Record<string, string>>
}

/** Keys that `values` may have. */
export const valueNames = [
  'address', // what was asked of the daemon
  'status', // HTTP status of an answer that is an error
  'detail', // technical words of the failure, English
  'where', // line of a file, from 1
  'asked', // device and counter that were asked for
  'got', // device and counter that the bundle is for
  'area',
  'device',
  'site',
  'official',
  'role',
  'signer', // who must have signed: 'device', 'official', 'citizen', 'service', 'authority'
  'kind',
  'received', // ms since 1970
  'ts', // ms since 1970
  'signedBytes', // the text that was signed
  'signature',
  'key', // public key, base64url
  'entry', // exact bytes
  'registration', // exact bytes
  'authorityKey',
  'serviceKey',
  'leaf',
  'index',
  'size',
  'path', // hashes in hex, separated by blanks
  'root',
  'computedRoot',
  'cid',
  'computedCid',
  'bytes',
  'entries',
  'unknownSigners', // entries whose signer's key is not known here
  'batch',
  'prevRoot',
  'computedPrevRoot',
  'prevSize',
  'prevRootOnChain', // 'equal', 'not read', 'first batch', or the other root
  'from', // ms since 1970
  'to', // ms since 1970
  'endpoints', // asked, separated by blanks
  'answers', // one line per endpoint: address and what it said
  'chainId',
  'contract',
  'block',
  'transaction',
  'anchoredAt', // ms since 1970: the block's time
  'anchoredCid',
  'rootOnChain'
] as const
export type ValueName = (typeof valueNames)[number]

/** The report that a check is about, as its entry says; shown only beside the verdicts. */
export interface ReportFacts {
  readonly area: string
  readonly device: string
  readonly site: string
  readonly power: 'ON' | 'OFF'
  /** ms since 1970, by the device's clock. */
  readonly ts: number
  /** ms since 1970, by the daemon's clock. */
  readonly received: number
  readonly seq: number
}

/** What a check is about besides the report; numbers and texts of the bundle or the batch file. */
export interface RecordFacts {
  readonly area: string
  readonly batch: number
  readonly size: number
  readonly root: string
  readonly cid: string
  readonly index?: number
  readonly chainId?: number
  readonly contract?: string
  readonly transaction?: string
  readonly block?: number
}

export interface CheckResult {
  readonly kind: 'bundle' | 'batch'
  /** The worst: fails if any does; holds only if every step does; else unchecked. */
  readonly verdict: ResultVerdict
  /** In the order of `stepNames`: of a bundle all of them, but registration and authority only where
   * a registration vouches for the signer; of a batch file form, signature, file, frontier and
   * chain. */
  readonly steps: readonly Step[]
  /** Of a bundle, shown only beside the verdicts. */
  readonly entry?: Entry
  readonly report?: ReportFacts
  readonly record?: RecordFacts
  /** ms since 1970: time of the block that anchored the batch, read from the chain. */
  readonly anchoredAt?: number
  /** The bundle's exact bytes, to be saved; of a checked report or a dropped bundle. */
  readonly bundle?: Uint8Array<ArrayBuffer>
}

export type Phase = 'bundle' | 'file' | 'cid' | 'entries' | 'tree' | 'signatures'

export interface Progress {
  readonly phase: Phase
  /** Bytes (bundle, file, cid) or entries (entries, tree, signatures) done. */
  readonly done: number
  /** 0 when it is not known. */
  readonly total: number
}

/** As `globalThis.fetch`, of which only this much is used. */
export type Fetch = (
  url: string,
  init?: {
    method?: string
    body?: string
    headers?: Record<string, string>
    signal?: AbortSignal
    cache?: 'no-store'
    credentials?: 'omit'
    referrerPolicy?: 'no-referrer'
  }
) => Promise<Response>

/** What is expected of the chain. Without a contract nothing is asked: a forged bundle could name
 * one of its forger's. A missing chain id is taken from the bundle. */
export interface ChainExpectation {
  /** Endpoints that may be asked; each is. */
  readonly rpcUrls: readonly string[]
  readonly chainId?: number
  /** `0x` and 40 hex digits. */
  readonly contract?: string
  /** Block in which the contract was made, if known: logs are searched from there on first. */
  readonly fromBlock?: number
}

export interface CheckOptions {
  readonly fetch: Fetch
  /** Where `/api` and `/ipfs` are, without a slash at its end; undefined: nothing is fetched there. */
  readonly daemon?: string
  readonly chain: ChainExpectation
  /** Stops the check; steps not done are then unchecked with 'aborted'. */
  readonly signal?: AbortSignal
  /** Told of each step when it is known, in the order of the work. A step may be told again when a
   * later one shows more (a registration that the batch file supersedes): the newest counts. */
  readonly onStep?: (step: Step) => void
  readonly onProgress?: (progress: Progress) => void
  /** ms for one answer of an endpoint; 10,000 unless given. */
  readonly rpcTimeout?: number
  /** ms for the bundle; 15,000 unless given. */
  readonly bundleTimeout?: number
  /** ms without a further byte of the batch file; 20,000 unless given. */
  readonly fileTimeout?: number
}

export interface ReportOptions extends CheckOptions {
  readonly daemon: string
  readonly area?: string
  readonly device: string
  readonly seq: number
}

/* The functions, in index.ts:
 *   checkReport (options: ReportOptions): Promise<CheckResult>
 *   checkBundleFile (bytes: Uint8Array, options: CheckOptions): Promise<CheckResult>
 * in batch-file.ts:
 *   checkBatchFile (bytes: Uint8Array, options: CheckOptions): Promise<CheckResult>
 * in look.ts:
 *   looksLikeBatch (bytes: Uint8Array): boolean
 * None of them throws or rejects: whatever goes wrong is a step. */
