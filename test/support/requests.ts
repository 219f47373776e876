import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { RecordedRequest } from '../../sandbox';
import { below, dice } from '../../sandbox/random';

/** What this module needs of a vendor's server. */
interface Server {
	url: string;
	onRequest?: (request: RecordedRequest, count: number) => void | Promise<void>;
}

/** The requests of this process to one server. */
export interface Traffic {
	/** How many have begun so far, whether or not they have arrived. */
	begun(): number;
	/**
	 * Ends when the code under test can do no more without something from outside: each request under way is held at the
	 * server, and in the turns of the event loop that followed no other began or ended. Waits of the code under test have to be
	 * held or shortened, or it goes on after them.
	 */
	settled(): Promise<void>;
	/**
	 * Waits until it holds.
	 *
	 * @throws Error when everything settles and it still does not hold.
	 */
	until(holds: () => boolean): Promise<void>;
}

/** The requests of this process to one server, which are held there. */
export interface HeldRequests extends Traffic {
	/** Each lets one go on, the oldest first. A test takes them out as it calls them. */
	held: Array<() => void>;
	/** Lets all of them go on, and those that come later too. */
	release(): void;
}

/** Node publishes each HTTP request of this process here. */
const REQUEST_START = 'http.client.request.start';

/** More than a request takes from one function of the nodes, n8n or the server to the next. */
const QUIET_TURNS = 30;

/** A turn of the event loop, in which timers that are due and data that has come are handled. */
export const turn = async (): Promise<void> => await sleep(1);

const begunBy = new Map<string, number>();
const underWayTo = new Map<string, number>();

function countRequest(message: unknown): void {
	const { request } = message as { request: ClientRequest };
	const host = String(request.getHeader('host'));
	const add = (counts: Map<string, number>, change: number) =>
		counts.set(host, (counts.get(host) ?? 0) + change);
	add(begunBy, 1);
	add(underWayTo, 1);
	request.once('close', () => add(underWayTo, -1));
}

beforeAll(() => subscribe(REQUEST_START, countRequest));
afterAll(() => void unsubscribe(REQUEST_START, countRequest));

/** What a test that fails leaves held would keep the next ones from settling. */
const releases: Array<() => void> = [];
afterEach(() => releases.splice(0).forEach((release) => release()));

/**
 * Ends when no request of this process is under way, or none began or ended for some turns of the event loop: it is held, or
 * its answer takes long.
 */
export async function noneMoves(): Promise<void> {
	const sum = (counts: Map<string, number>) => [...counts.values()].reduce((all, count) => all + count, 0);
	let last = '';
	for (let quiet = 0; quiet < QUIET_TURNS; quiet++) {
		await turn();
		if (sum(underWayTo) === 0) return;
		const state = `${sum(begunBy)} ${sum(underWayTo)}`;
		if (state !== last) quiet = 0;
		last = state;
	}
}

/** Watches the requests to a server. */
export function watchRequests(server: Server): Traffic {
	return watch(server, () => 0);
}

/**
 * Holds requests at the server until the test lets them go on.
 *
 * @param isHeld Whether one is held, by what it asks for and by its number from 1; all are by default.
 */
export function holdRequests(
	server: Server,
	isHeld: (request: RecordedRequest, count: number) => boolean = () => true,
): HeldRequests {
	const held: Array<() => void> = [];
	server.onRequest = async (request, count) => {
		if (isHeld(request, count)) await new Promise<void>((resolve) => void held.push(resolve));
	};
	const release = () => {
		server.onRequest = undefined;
		for (const goOn of held.splice(0)) goOn();
	};
	releases.push(release);
	return { ...watch(server, () => held.length), held, release };
}

/**
 * Runs something with its requests held: each time that nothing moves any more, some of those that are held go on.
 *
 * @param choose Takes them out of the list and calls them; all of them by default, the oldest first.
 * @returns What it gives, and the most requests that were held at once.
 */
export async function runHeld<T>(
	server: Server,
	run: () => Promise<T>,
	choose: (held: Array<() => void>) => void = (held) => held.splice(0).forEach((goOn) => goOn()),
): Promise<{ result: T; most: number }> {
	const { held, settled, release } = holdRequests(server);
	let most = 0;
	let isDone = false;
	const end = () => void (isDone = true);
	const running = run();
	running.then(end, end);
	for (await settled(); !isDone; await settled()) {
		most = Math.max(most, held.length);
		choose(held);
	}
	release();
	return { result: await running, most };
}

/** Ends when the answer to the request with that number is on its way. */
export async function answerBegins(server: { requests: RecordedRequest[] }, request: number): Promise<void> {
	while (server.requests.length < request || server.requests[request - 1].status === 0) await turn();
	for (let turns = 0; turns < 10; turns++) await turn();
}

/** Some of the requests that are held, and in an order that time could give them: different ones for each seed. */
export function anyOrder(seed: number): (held: Array<() => void>) => void {
	const next = dice(seed, 0);
	return (held) => {
		for (let count = 1 + below(next, held.length); count > 0; count--)
			held.splice(below(next, held.length), 1).forEach((goOn) => goOn());
	};
}

function watch(server: Server, heldCount: () => number): Traffic {
	const { host } = new URL(server.url);
	const begun = () => begunBy.get(host) ?? 0;
	// One whose answer the nodes have given up may stay open.
	const givenUp = underWayTo.get(host) ?? 0;
	const underWay = () => (underWayTo.get(host) ?? 0) - givenUp;
	const before = begun();
	const settles = async (isDone: () => boolean) => {
		let last = '';
		for (let quiet = 0; quiet < QUIET_TURNS && !isDone(); quiet++) {
			await turn();
			const state = `${begun()} ${underWay()} ${heldCount()}`;
			if (state !== last || underWay() > heldCount()) quiet = 0;
			last = state;
		}
	};
	return {
		begun: () => begun() - before,
		settled: async () => await settles(() => false),
		until: async (holds) => {
			await settles(holds);
			if (!holds()) throw new Error('Everything has settled, and what the test waits for has not come');
		},
	};
}
