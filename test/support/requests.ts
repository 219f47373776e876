import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import type { RecordedRequest } from '../../sandbox';

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

/** Whether any request of this process is under way, to whatever server. */
export function anyUnderWay(): boolean {
	return [...underWayTo.values()].some((count) => count > 0);
}

/** Watches the requests to a server. */
export function watchRequests(server: Server): Traffic {
	return watch(server, () => 0);
}

/**
 * Holds requests at the server until the test lets them go on.
 *
 * @param isHeld Tells by its number, from 1, whether one is held; all are by default.
 */
export function holdRequests(server: Server, isHeld: (count: number) => boolean = () => true): HeldRequests {
	const held: Array<() => void> = [];
	server.onRequest = async (_request, count) => {
		if (isHeld(count)) await new Promise<void>((resolve) => void held.push(resolve));
	};
	return {
		...watch(server, () => held.length),
		held,
		release: () => {
			server.onRequest = undefined;
			for (const goOn of held.splice(0)) goOn();
		},
	};
}

function watch(server: Server, heldCount: () => number): Traffic {
	const { host } = new URL(server.url);
	const begun = () => begunBy.get(host) ?? 0;
	const underWay = () => underWayTo.get(host) ?? 0;
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
