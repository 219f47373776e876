/**
 * The sandbox as a program of its own:
 *
 *   node --import tsx sandbox/serve.ts --spirii-port 4010 --volt-time-port 4020 [--records 240] [--seed 1] [--plain]
 *
 * Prints one line of JSON, `{ "spirii": { "url", "key" }, "voltTime": { "url", "key" } }`, once both servers answer,
 * and ends on SIGTERM or SIGINT. A port in use, or an option that is none, is a message and exit code 1.
 */
import { parseArgs } from 'node:util';
import { startSandbox } from './index';

async function main(): Promise<void> {
	const { values } = parseArgs({
		options: {
			'spirii-port': { type: 'string', default: '0' },
			'volt-time-port': { type: 'string', default: '0' },
			records: { type: 'string', default: '240' },
			seed: { type: 'string', default: '1' },
			plain: { type: 'boolean', default: false },
		},
	});
	const number = (name: Exclude<keyof typeof values, 'plain'>): number => {
		const text = values[name];
		if (!/^\d+$/.test(text)) throw new Error(`--${name} must be a whole number, not "${text}"`);
		return Number(text);
	};
	const sandbox = await startSandbox({
		seed: number('seed'),
		records: number('records'),
		plain: values.plain,
		ports: { spirii: number('spirii-port'), voltTime: number('volt-time-port') },
	});
	const { spirii, voltTime } = sandbox;
	const stop = () => void sandbox.close().then(() => process.exit(0));
	process.once('SIGTERM', stop);
	process.once('SIGINT', stop);
	const shown = ({ url, key }: { url: string; key: string }) => ({ url, key });
	process.stdout.write(`${JSON.stringify({ spirii: shown(spirii), voltTime: shown(voltTime) })}\n`);
}

main().catch((error: NodeJS.ErrnoException & { port?: number }) => {
	const isTaken = error.code === 'EADDRINUSE';
	const message = isTaken
		? `Port ${error.port} is in use. Choose another one, or end what uses it.`
		: error.message;
	process.stderr.write(`${message}\n`);
	process.exit(1);
});
