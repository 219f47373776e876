import * as fc from 'fast-check';

import { InputError } from '../../../nodes/shared/errors';
import { checkBaseUrl, checkSecret, pathSegment } from '../../../nodes/shared/request/address';

function errorOf(run: () => unknown): InputError {
	try {
		run();
	} catch (error) {
		expect(error).toBeInstanceOf(InputError);
		return error as InputError;
	}
	throw new Error('was accepted');
}

describe('the base URL', () => {
	it.each([
		['https://api.spirii.com', 'https://api.spirii.com'],
		['https://api.spirii.com/', 'https://api.spirii.com'],
		['https://api.spirii.com///', 'https://api.spirii.com'],
		['  https://api.spirii.com\n', 'https://api.spirii.com'],
		['HTTPS://API.Spirii.com', 'https://api.spirii.com'],
		['https://api.spirii.com:443/', 'https://api.spirii.com'],
		['https://proxy.example.com:8443/ev/', 'https://proxy.example.com:8443/ev'],
		['https://proxy.example.com/ev/v2/?key=1#top', 'https://proxy.example.com/ev/v2'],
		['https://proxy.example.com/a/../b', 'https://proxy.example.com/b'],
		['http://localhost:5678/', 'http://localhost:5678'],
		['http://127.0.0.1:5678', 'http://127.0.0.1:5678'],
		['http://127.1.2.3', 'http://127.1.2.3'],
		['http://127.1', 'http://127.0.0.1'],
		['http://[::1]:5678/x', 'http://[::1]:5678/x'],
	])('%s is used as %s', (given, used) => {
		expect(checkBaseUrl(given)).toBe(used);
	});

	it.each([
		'http://api.spirii.com',
		'http://127.0.0.1.evil.com',
		'http://localhost.evil.com',
		'http://evil.com/localhost',
		'http://evil.com?127.0.0.1',
		'http://evil.com#localhost',
		'http://localhost@evil.com',
		'http://127.0.0.1@evil.com',
		'http://evil-localhost',
		'http://128.0.0.1',
		'http://0.0.0.0',
		'http://10.0.0.1',
		'http://[::2]',
		'http://[::ffff:10.0.0.1]',
		'ftp://localhost',
		'ws://localhost',
		'file:///etc/passwd',
		'javascript:alert(1)',
	])('%s is refused: the key would travel readable', (given) => {
		expect(errorOf(() => checkBaseUrl(given)).message).toMatch(/"Base URL" must/);
	});

	it.each(['', '   ', 'api.spirii.com', '/v2', 'https://', 'http:// evil', undefined, null, 42])(
		'%p is refused: it is no full address',
		(given) => {
			expect(errorOf(() => checkBaseUrl(given)).message).toContain('must be a full address');
		},
	);

	it.each(['https', 'http', 'ftp'])(
		'a user name or a password in it is refused and not shown (%s)',
		(scheme) => {
			for (const login of ['anna:s3cret-pass', 's3cret-pass', ':s3cret-pass']) {
				const { message, advice } = errorOf(() => checkBaseUrl(`${scheme}://${login}@api.example.com`));
				expect(message).toContain('must not hold a user name or a password');
				expect(message + advice).not.toContain('s3cret-pass');
			}
		},
	);

	it('the error shows what came', () => {
		expect(errorOf(() => checkBaseUrl('http://api.spirii.com')).message).toContain('"http://api.spirii.com"');
	});
});

describe('a key', () => {
	it.each([
		['abc-123', 'abc-123'],
		['  abc-123\n', 'abc-123'],
		['Bearer abc-123', 'abc-123'],
		['bearer   abc-123', 'abc-123'],
		['  BEARER\tabc-123 ', 'abc-123'],
		['Bearer\nabc-123', 'abc-123'],
		['bearerless', 'bearerless'],
		['12|aB~!"#$%&()*+,/:;<=>?@[]^_`{}', '12|aB~!"#$%&()*+,/:;<=>?@[]^_`{}'],
	])('%j is used as %j', (given, used) => {
		expect(checkSecret(given, 'API Key')).toBe(used);
	});

	it.each(['', '   ', 'Bearer', ' bearer \n', undefined, null])('%j is refused: it is empty', (given) => {
		expect(errorOf(() => checkSecret(given, 'API Key')).message).toBe('The credential\'s "API Key" is empty');
	});

	it.each([
		'abc\ndef',
		'abc\r\nX-Evil: 1',
		'abc def',
		'Bearer Bearer abc',
		'Authorization: Bearer abc',
		'abc\u0000def',
		'abc\u007fdef',
		'abc\u200bdef',
		'schlüssel',
		'🔑',
	])('%j is refused: no header can hold it', (given) => {
		const { message, advice } = errorOf(() => checkSecret(given, 'API Key'));
		expect(message).toContain('"API Key" must be one line of plain characters');
		expect(message + advice).not.toContain(given);
	});
});

describe('an id in a path', () => {
	it.each([
		['4711', '4711'],
		[' 4711\n', '4711'],
		['0b1e2f3a-1111-4222-8333-444455556666', '0b1e2f3a-1111-4222-8333-444455556666'],
		['DK*SPI*E1', 'DK*SPI*E1'],
		['a b', 'a%20b'],
		['a?b#c&d=e', 'a%3Fb%23c%26d%3De'],
		['%2e%2e', '%252e%252e'],
		['..%2f..', '..%252f..'],
		['1.5', '1.5'],
		['...x', '...x'],
		['🔌', '%F0%9F%94%8C'],
		['ærø', '%C3%A6r%C3%B8'],
	])('%j becomes %s', (given, segment) => {
		expect(pathSegment(given, 'Charger')).toBe(segment);
	});

	it.each(['../../x', '..', '.', '...', 'a/b', '/', '\\', '..\\x', 'a\u0000b', 'a\nb', '\ud83d', 'x\udd0c'])(
		'%j is refused',
		(given) => {
			expect(errorOf(() => pathSegment(given, 'Charger')).message).toContain(
				'"Charger" must be a plain id without slashes, but ',
			);
		},
	);

	it.each(['', '   ', '\n'])('%j is refused: it is empty', (given) => {
		expect(errorOf(() => pathSegment(given, 'Charger')).message).toBe('"Charger" must not be empty');
	});

	it('stays one segment of the path, whatever it is, or is refused', () => {
		fc.assert(
			fc.property(
				fc.string({ unit: 'binary' }),
				fc.constantFrom('', '..', '/', '%2e', '\ud800'),
				(id, more) => {
					let segment: string;
					try {
						segment = pathSegment(id + more, 'Charger');
					} catch (error) {
						expect(error).toBeInstanceOf(InputError);
						return;
					}
					const { pathname, search, hash } = new URL(`https://api.example.com/v2/${segment}/transactions`);
					expect(pathname.split('/')).toEqual(['', 'v2', segment, 'transactions']);
					expect(search + hash).toBe('');
					expect(decodeURIComponent(segment)).toBe((id + more).trim());
				},
			),
			{ numRuns: 1000 },
		);
	});
});
