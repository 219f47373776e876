import { sendVerified } from '../../../nodes/shared/http/readBack';
import { ApiError, InputError } from '../../../nodes/shared/util/errors';

const UNKNOWN = new ApiError(
	'Spirii could not process the request (HTTP 504), and it is not known whether the request was carried out',
	{ outcome: 'unknown', status: 504 },
);

interface Card {
	id: number;
	amount: number;
}

async function run({
	send = async (): Promise<Card> => {
		throw UNKNOWN;
	},
	readBack = async (): Promise<Card | undefined> => ({ id: 7, amount: 5 }),
	differences = undefined as ((found: Card) => string[]) | undefined,
}) {
	const calls: string[] = [];
	const logged =
		<T>(name: string, work: () => Promise<T>) =>
		async () => {
			calls.push(name);
			return await work();
		};
	const result = await sendVerified({
		send: logged('send', send),
		readBack: logged('readBack', readBack),
		subject: 'the card "04A1B2"',
		verb: differences ? 'changed' : 'created',
		differences,
	}).catch((error: unknown) => error as ApiError);
	return { result, calls };
}

it('a request that succeeds is not read back', async () => {
	expect(await run({ send: async () => ({ id: 1, amount: 1 }) })).toEqual({
		result: { id: 1, amount: 1 },
		calls: ['send'],
	});
});

it.each([
	new ApiError('Refused (HTTP 409)', { outcome: 'notDone', status: 409 }),
	new InputError('"Card" must not be empty'),
])('one that was not carried out for certain is neither: %s', async (error) => {
	const send = async () => {
		throw error;
	};
	expect(await run({ send })).toEqual({ result: error, calls: ['send'] });
});

it('one whose outcome is unknown is sent once, and what is found is given', async () => {
	expect(await run({})).toEqual({ result: { id: 7, amount: 5 }, calls: ['send', 'readBack'] });
});

it('nothing found: the error names the thing, what happened and what to do', async () => {
	const { result } = await run({ readBack: async () => undefined });
	expect(result).toMatchObject({
		message: 'It is not known whether the card "04A1B2" was created',
		details: {
			outcome: 'unknown',
			status: 504,
			advice:
				'What happened: Spirii could not process the request (HTTP 504). It was looked up and not found, but may still appear. Check it before you run this again.',
		},
	});
});

it('it cannot be looked up: the error says so', async () => {
	const readBack = async () => {
		throw new ApiError('Spirii could not process the request (HTTP 503)');
	};
	const { result } = await run({ readBack });
	expect(result).toMatchObject({
		message: 'It is not known whether the card "04A1B2" was created',
		details: { outcome: 'unknown' },
	});
	expect((result as ApiError).details.advice).toContain(
		'It could not be looked up: Spirii could not process the request (HTTP 503).',
	);
});

it('what is found is compared, and the error says what differs', async () => {
	const differences = ({ amount }: Card) => (amount === 10 ? [] : [`its amount is ${amount}, not 10`]);
	const { result } = await run({ differences });
	expect(result).toMatchObject({ message: 'It is not known whether the card "04A1B2" was changed' });
	expect((result as ApiError).details.advice).toContain('It was looked up, and its amount is 5, not 10.');
	const same = await run({ differences, readBack: async () => ({ id: 7, amount: 10 }) });
	expect(same.result).toEqual({ id: 7, amount: 10 });
});
