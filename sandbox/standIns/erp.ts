import type { Reply, Request } from './web';

/** An ERP that books lines under a path. One with a key that it knows is the line that it has already. */
export class Erp {
	/** Every request, in order. */
	readonly requests: Array<{ path: string; key: string; line: Record<string, unknown> }> = [];
	/** Whether the next answer gets lost, although the line is booked. */
	losesNextAnswer = false;
	/** Whether it answers that it is out of service, and books nothing. */
	isDown = false;
	private readonly booked = new Map<string, { path: string; line: Record<string, unknown> }>();

	constructor(private readonly say: (line: string) => void = () => {}) {}

	lines(path: string): Array<Record<string, unknown>> {
		return [...this.booked.values()].filter((one) => one.path === path).map(({ line }) => line);
	}

	answer({ method, url: { pathname: path }, headers, body }: Request): Reply {
		const key = headers['idempotency-key'];
		if (method !== 'POST' || typeof key !== 'string')
			return { status: 400, json: { message: 'POST, with an Idempotency-Key' } };
		const line = body as Record<string, unknown>;
		this.requests.push({ path, key, line });
		if (this.isDown) return { status: 503, json: { message: 'Out of service' } };
		const isKnown = this.booked.has(key);
		if (!isKnown) this.booked.set(key, { path, line });
		this.say(`ERP ${path}: ${key} ${isKnown ? '(booked already)' : JSON.stringify(line)}`);
		if (this.losesNextAnswer) {
			this.losesNextAnswer = false;
			return { status: 504, json: { message: 'Gateway timeout' } };
		}
		return { status: 201, json: { number: [...this.booked.keys()].indexOf(key) + 1 } };
	}
}
