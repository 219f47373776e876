import type { Reply, Request } from './web';

export interface SlackMessage {
	channel: string;
	text: string;
}

/** Slack, as far as messages to a channel go. */
export class Slack {
	readonly messages: SlackMessage[] = [];
	/** Called with each message that has come, before Slack answers. */
	onMessage?: (message: SlackMessage) => void | Promise<void>;

	constructor(private readonly say: (line: string) => void = () => {}) {}

	async answer({ url, body }: Request): Promise<Reply> {
		if (url.pathname !== '/api/chat.postMessage') return { json: { ok: false, error: 'unknown_method' } };
		const { channel, text } = body as SlackMessage;
		this.messages.push({ channel, text });
		for (const line of text.split('\n')) this.say(`Slack ${channel}: ${line}`);
		await this.onMessage?.({ channel, text });
		return { json: { ok: true, channel, ts: String(this.messages.length), message: { text } } };
	}
}
