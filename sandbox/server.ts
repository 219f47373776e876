import Fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { answerFault, spoilBody, takeFault, type Fault, type RecordedRequest } from './faults';

declare module 'fastify' {
	interface FastifyRequest {
		recorded: RecordedRequest;
		fault: Fault | undefined;
	}
}

/** Switches that all vendors have. */
export interface CommonSwitches {
	/** Requests allowed in a window; further ones get a 429. Undefined: no limit. */
	rateLimit: number | undefined;
	/** Length of that window. The vendors use a minute; tests can use less. */
	rateWindowMs: number;
	/** Whether responses have rate limit headers. */
	rateHeaders: boolean;
	/** Milliseconds by which the server's clock, as in the `Date` header, is ahead of this machine's; negative: behind. */
	clockOffsetMs: number;
}

/** The initial values. */
export function commonSwitches(): CommonSwitches {
	return { rateLimit: undefined, rateWindowMs: 60_000, rateHeaders: true, clockOffsetMs: 0 };
}

/** One vendor's running server, with everything that a test can inspect or change. */
export interface Vendor<Switches, Data> {
	/** `http://127.0.0.1:<port>` */
	url: string;
	/** The accepted secret. */
	key: string;
	data: Data;
	/** Every request so far, in order. */
	requests: RecordedRequest[];
	/** Behavior that the documentation leaves open. Can be changed at any time. */
	switches: Switches;
	/** The next faults. */
	faults: Fault[];
	/** Called before each response with the number of the request, from 1. Tests use it to change data between two pages. */
	onRequest?: (request: RecordedRequest, count: number) => void | Promise<void>;
	/** Resets requests, faults, switches and data. */
	reset(): void;
}

/** The parts of a server that differ between vendors. */
export interface VendorPlan<Switches extends CommonSwitches, Data> {
	key: string;
	data: Data & { reset(): void };
	switches: () => Switches;
	/** Documented requests per minute, for the headers. */
	documentedRateLimit: number;
	errorBody: (status: number, message: string, param?: string) => object;
	/** Throws a Refusal, or sends the response, if the request is not allowed. */
	guard: (
		request: FastifyRequest,
		reply: FastifyReply,
		vendor: Vendor<Switches, Data>,
	) => void | FastifyReply;
	routes: (app: FastifyInstance, vendor: Vendor<Switches, Data>) => void;
}

/** A handler throws it to respond with this status and body. */
export class Refusal extends Error {
	constructor(
		readonly status: number,
		readonly body: object,
	) {
		super(`Refused with ${status}`);
	}
}

const STATUS_TEXT: Record<number, string> = {
	400: 'Bad request',
	404: 'Not found',
	408: 'Request timeout',
	429: 'Too many requests',
	500: 'Internal server error',
	502: 'Bad gateway',
	503: 'Service unavailable',
	504: 'Gateway timeout',
};

/** Starts a vendor's server on the loopback address; port 0 takes any free one. */
export async function startVendor<Switches extends CommonSwitches, Data>(
	plan: VendorPlan<Switches, Data>,
	port: number,
): Promise<{ vendor: Vendor<Switches, Data>; close: () => Promise<void> }> {
	const app = Fastify({ forceCloseConnections: true, exposeHeadRoutes: false, bodyLimit: 2 ** 20 });
	const vendor: Vendor<Switches, Data> = {
		url: '',
		key: plan.key,
		data: plan.data,
		requests: [],
		switches: plan.switches(),
		faults: [],
		reset() {
			vendor.requests.length = 0;
			vendor.faults.length = 0;
			vendor.onRequest = undefined;
			Object.assign(vendor.switches, plan.switches());
			plan.data.reset();
			limiter = rateLimiter(plan.documentedRateLimit);
		},
	};
	let limiter = rateLimiter(plan.documentedRateLimit);
	const errorBody = (status: number) => plan.errorBody(status, STATUS_TEXT[status] ?? `Status ${status}`);

	// By default Fastify ignores the body of a GET, but Volt Time documents one.
	app.addHttpMethod('GET', { hasBody: true, overrideExisting: true });
	app.removeAllContentTypeParsers();
	app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body));
	app.decorateRequest('recorded');
	app.decorateRequest('fault', undefined);

	app.addHook('preHandler', async (request, reply) => {
		// Overrides Node's own header, so that a test can set the clock.
		reply.header('Date', new Date(Date.now() + vendor.switches.clockOffsetMs).toUTCString());
		request.recorded = record(request);
		vendor.requests.push(request.recorded);
		await vendor.onRequest?.(request.recorded, vendor.requests.length);
		request.fault = takeFault(vendor.faults, request.recorded);
		if (request.fault && (await answerFault(request.fault, reply, errorBody))) return reply;
		if (!limiter(vendor.switches, reply))
			return reply.code(429).send(plan.errorBody(429, 'Too Many Attempts.'));
		return plan.guard(request, reply, vendor);
	});
	app.addHook('onSend', async (request, reply, payload) => {
		const isSpoiled = request.fault && typeof payload === 'string';
		const sent = isSpoiled ? spoilBody(request.fault as Fault, reply, payload, errorBody) : payload;
		if (request.recorded) request.recorded.status = reply.statusCode;
		return sent;
	});
	app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
		if (error instanceof Refusal) return reply.code(error.status).send(error.body);
		const status = error.statusCode ?? 500;
		return reply.code(status).send(plan.errorBody(status, error.message));
	});
	app.setNotFoundHandler((_request, reply) => reply.code(404).send(errorBody(404)));

	plan.routes(app, vendor);
	await app.listen({ host: '127.0.0.1', port });
	vendor.url = app.listeningOrigin;
	return { vendor, close: () => app.close() };
}

function record(request: FastifyRequest): RecordedRequest {
	const [path, ...rest] = request.raw.url?.split('?') ?? [''];
	const rawQuery = rest.join('?');
	return {
		method: request.method,
		path,
		query: new URLSearchParams(rawQuery),
		rawQuery,
		headers: { ...request.headers },
		body: typeof request.body === 'string' ? request.body : '',
		status: 0,
	};
}

/**
 * Counts requests in fixed windows and writes the documented headers.
 *
 * @returns Whether the request may pass.
 */
function rateLimiter(documented: number): (switches: CommonSwitches, reply: FastifyReply) => boolean {
	let end = 0;
	let used = 0;
	return ({ rateLimit, rateWindowMs, rateHeaders, clockOffsetMs }, reply) => {
		const now = Date.now();
		if (now >= end) [end, used] = [now + rateWindowMs, 0];
		used++;
		// Without a limit the remaining requests stay high, so that clients do not wait.
		const remaining = rateLimit === undefined ? documented - 1 : Math.max(0, rateLimit - used);
		if (rateHeaders) {
			reply.header('X-RateLimit-Limit', rateLimit ?? documented);
			reply.header('X-RateLimit-Remaining', remaining);
			reply.header('X-RateLimit-Reset', Math.ceil((end + clockOffsetMs) / 1000));
		}
		if (rateLimit === undefined || used <= rateLimit) return true;
		reply.header('Retry-After', Math.max(1, Math.ceil((end - now) / 1000)));
		return false;
	};
}
