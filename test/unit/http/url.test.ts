import * as fc from 'fast-check';

import { InputError } from '../../../nodes/shared/util/errors';
import { checkBaseUrl, checkOrigin, checkSecret, pathSegment } from '../../../nodes/shared/http/url';
import { KEYS, shownOf, SPELLINGS } from '../../support/spellings';

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
		['http://[0:0:0:0:0:0:0:1]', 'http://[::1]'],
		['http://0x7f.1', 'http://127.0.0.1'],
		['http://0177.0.0.1', 'http://127.0.0.1'],
		['http://2130706433', 'http://127.0.0.1'],
		['http://127.255.255.255', 'http://127.255.255.255'],
		['http://①②⑦.0.0.1', 'http://127.0.0.1'],
		['http://LOCALHOST', 'http://localhost'],
		['http://ｌｏｃａｌｈｏｓｔ', 'http://localhost'],
		['http:\\\\localhost\\x', 'http://localhost/x'],
		['http:localhost', 'http://localhost'],
		['http:/localhost', 'http://localhost'],
		['http:///localhost', 'http://localhost'],
		['http://loc%61lhost', 'http://localhost'],
		['http://local\thost', 'http://localhost'],
		['http://localhost:80', 'http://localhost'],
		['http://127.0.0.1.', 'http://127.0.0.1'],
		['http://localhost\\@evil.com', 'http://localhost/@evil.com'],
		['https://10.0.0.1', 'https://10.0.0.1'],
		['https://127.0.0.1.nip.io', 'https://127.0.0.1.nip.io'],
		['https://api.spirii.com.', 'https://api.spirii.com.'],
		['https://ærø.example', 'https://xn--r-3fa9c.example'],
		['https://api.spirii.com/%2e%2e/%2E/x', 'https://api.spirii.com/x'],
		['https://api.spirii.com/a//b', 'https://api.spirii.com/a//b'],
		['https://api.spirii.com\\evil.example', 'https://api.spirii.com/evil.example'],
		['https:///api.spirii.com', 'https://api.spirii.com'],
		['https:api.spirii.com', 'https://api.spirii.com'],
		['https://api.spirii.com?x', 'https://api.spirii.com'],
		['https://api.spirii.com#x', 'https://api.spirii.com'],
		['https://api.spirii.com/?', 'https://api.spirii.com'],
		[`https://api.spirii.com/${'/'.repeat(1900)}`, 'https://api.spirii.com'],
	])('%s is used as %s', (given, used) => {
		expect(checkBaseUrl(given)).toBe(used);
	});

	test('is read the same however often it is', () => {
		for (let time = 0; time < 20_000; time++)
			expect(checkBaseUrl('https://ærø.example')).toBe('https://xn--r-3fa9c.example');
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
		'http://[::ffff:127.0.0.1]',
		'http://[::ffff:7f00:1]',
		'http://[::]',
		'http://0',
		'http://localhost.',
		'http://127.0.0.1.nip.io',
		'http://foo.localhost',
		'http://localhost%2eevil.com',
		'http://localhost。evil.com',
		'http://evil.com\\@localhost',
		'http://evil.com/@localhost',
		'http://evil.com:80#@localhost',
		'http://1270.0.1.1',
		'http://192.168.0.1',
		'http://169.254.169.254',
		'http://\u0000localhost',
		'http://localhost\u0000.evil.com',
		'http://256.0.0.1',
		'http://[::1',
		'http://[::1%25eth0]',
		'http:// localhost',
		'//localhost',
		'data:text/plain,x',
		'blob:https://api.spirii.com/x',
		'wss://api.spirii.com',
		'localhost:5678',
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

test.each([2001, 40_000, 1_000_000])('a base URL of %i characters is refused', (length) => {
	// A pattern at the end of the text would take quadratic time for slashes in the middle.
	const given = `https://api.spirii.com/${'/'.repeat(length - 24)}x`;
	const { message, advice } = errorOf(() => checkBaseUrl(given));
	expect(message).toBe(
		`The credential's "Base URL" must have at most 2,000 characters, but ${length.toLocaleString('en-US')} were given`,
	);
	expect(advice).toBe('Open the credential and correct the base URL.');
});

describe('a request', () => {
	const SPIRII = 'https://api.spirii.com';
	const LOCAL = 'http://localhost:5678/ev';

	it.each([
		[SPIRII, { url: 'https://api.spirii.com/v2' }],
		[SPIRII, { uri: 'https://api.spirii.com/v2' }],
		[SPIRII, { url: 'HTTPS://API.SPIRII.COM:443/v2?a=//evil.example#//evil.example' }],
		[SPIRII, { url: 'https:\\\\api.spirii.com\\v2' }],
		[SPIRII, { url: new URL('https://api.spirii.com/v2') }],
		[SPIRII, { baseURL: 'https://api.spirii.com', url: '/v2' }],
		[SPIRII, { baseURL: 'https://api.spirii.com/', url: 'v2' }],
		[SPIRII, { baseURL: 'https://api.spirii.com', url: '' }],
		[SPIRII, { baseURL: 'https://api.spirii.com' }],
		[SPIRII, { baseURL: 'https://api.spirii.com', uri: '/v2' }],
		[SPIRII, { baseURL: 'https://api.spirii.com', url: 'https:evil.example' }],
		[SPIRII, { baseURL: 'https://evil.example', url: 'https://api.spirii.com/v2' }],
		[SPIRII, { url: `https://api.spirii.com/${'/'.repeat(500_000)}x` }],
		['https://proxy.example.com/ev', { url: 'https://proxy.example.com/other' }],
		[LOCAL, { url: 'http://localhost:5678/ev/v2' }],
		['https://ærø.example', { url: 'https://xn--r-3fa9c.example/v2' }],
	])('of the key for %s goes to its origin: %j', (own, request) => {
		expect(() => checkOrigin(request, checkBaseUrl(own), 's3cret')).not.toThrow();
	});

	it.each([
		[SPIRII, { url: 'https://evil.example/x' }, 'https://evil.example'],
		[SPIRII, { uri: 'https://evil.example/x' }, 'https://evil.example'],
		[SPIRII, { url: 'http://api.spirii.com/v2' }, 'http://api.spirii.com'],
		[SPIRII, { url: 'https://api.spirii.com:8443/v2' }, 'https://api.spirii.com:8443'],
		[SPIRII, { url: 'https://api.spirii.com./v2' }, 'https://api.spirii.com.'],
		[SPIRII, { url: 'https://api.spirii.com.evil.example' }, 'https://api.spirii.com.evil.example'],
		[SPIRII, { url: 'https://sandbox.api.spirii.com' }, 'https://sandbox.api.spirii.com'],
		[SPIRII, { url: 'https://api.spirii.com@evil.example' }, 'https://evil.example'],
		[SPIRII, { url: 'https://user:pw@evil.example' }, 'https://evil.example'],
		[SPIRII, { url: 'https://evil.example\\@api.spirii.com' }, 'https://evil.example'],
		[SPIRII, { url: 'https://evil.example#@api.spirii.com' }, 'https://evil.example'],
		[SPIRII, { url: 'https:\\\\evil.example' }, 'https://evil.example'],
		[SPIRII, { url: 'https:evil.example' }, 'https://evil.example'],
		[SPIRII, { url: ' https://evil.example' }, 'https://evil.example'],
		[SPIRII, { url: 'ht\ntps://evil.example' }, 'https://evil.example'],
		[SPIRII, { url: 'ftp://api.spirii.com' }, 'ftp://api.spirii.com'],
		[SPIRII, { baseURL: SPIRII, url: 'https://evil.example' }, 'https://evil.example'],
		[SPIRII, { baseURL: SPIRII, url: 'http://evil.example' }, 'http://evil.example'],
		[SPIRII, { baseURL: SPIRII, uri: 'https://evil.example' }, 'https://evil.example'],
		[SPIRII, { baseURL: SPIRII, url: '/v2', uri: 'https://evil.example' }, 'https://evil.example'],
		[SPIRII, { url: SPIRII, uri: 'https://evil.example' }, 'https://evil.example'],
		[SPIRII, { baseURL: SPIRII, url: '//evil.example' }, 'https://evil.example'],
		[SPIRII, { baseURL: SPIRII, url: '\\\\evil.example' }, 'https://evil.example'],
		[SPIRII, { baseURL: SPIRII, url: '/\\evil.example' }, 'https://evil.example'],
		[SPIRII, { baseURL: SPIRII, url: '\t//evil.example' }, 'https://evil.example'],
		[SPIRII, { baseURL: 'https:/', url: 'evil.example' }, 'https://evil.example'],
		[SPIRII, { baseURL: 'https://evil.example', url: '/v2' }, 'https://evil.example'],
		[SPIRII, { baseURL: 'https://api.spirii.com.', url: '/v2' }, 'https://api.spirii.com.'],
		[SPIRII, { url: '/v2' }, 'an address that cannot be read'],
		[SPIRII, { url: '//api.spirii.com/v2' }, 'an address that cannot be read'],
		[SPIRII, { url: '' }, 'an address that cannot be read'],
		[SPIRII, {}, 'an address that cannot be read'],
		[SPIRII, { url: null }, 'an address that cannot be read'],
		[SPIRII, { url: 'data:text/plain,x' }, 'an address that cannot be read'],
		[LOCAL, { url: 'http://localhost:5679/ev' }, 'http://localhost:5679'],
		[LOCAL, { url: 'https://localhost:5678/ev' }, 'https://localhost:5678'],
		[LOCAL, { url: 'http://127.0.0.1:5678/ev' }, 'http://127.0.0.1:5678'],
	])('of the key for %s goes nowhere else: %j', (own, request, target) => {
		const origin = new URL(own).origin;
		const { message, advice, description } = errorOf(() => checkOrigin(request, checkBaseUrl(own), 's3cret'));
		expect(message).toBe(
			`The key of this credential is for ${origin} only, but the request goes to ${target}`,
		);
		expect(advice).toContain('Correct the URL of the request');
		// n8n shows it under this name.
		expect(description).toBe(advice);
	});

	it('is refused without its key in the message', () => {
		const request = { url: `https://${KEYS.plain}.evil.example` };
		const { message } = errorOf(() => checkOrigin(request, SPIRII, KEYS.plain));
		expect(message).toContain('goes to https://[hidden].evil.example');
		for (const spelling of ['as it is', 'in small letters']) {
			expect(shownOf(message, SPELLINGS[spelling](KEYS.plain))).toEqual([]);
		}
		const long = errorOf(() => checkOrigin({ url: `https://${'a'.repeat(300_000)}` }, SPIRII, KEYS.plain));
		expect(long.message.length).toBeLessThan(400);
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
		'abc\tdef',
		'abc\u2028def',
		'abc\u00a0def',
		'abc\ud800def',
		'abc\r\n\r\n{"evil":1}',
		'abc\u0085def',
		'Bearer a\nb',
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
		['/'.replace('/', '／'), '%EF%BC%8F'],
		['．．', '%EF%BC%8E%EF%BC%8E'],
		['$&', '%24%26'],
		["$'", "%24'"],
		['{team_id}', '%7Bteam_id%7D'],
		['__proto__', '__proto__'],
		['-1', '-1'],
		['1e400', '1e400'],
		['a;b=c', 'a%3Bb%3Dc'],
		['a:b@c', 'a%3Ab%40c'],
		['a+b', 'a%2Bb'],
		['a\u200bb', 'a%E2%80%8Bb'],
		['\u202e1', '%E2%80%AE1'],
		['a\u007fb', 'a%7Fb'],
		['%00', '%2500'],
		['%zz', '%25zz'],
		['🔌', '%F0%9F%94%8C'],
		['ærø', '%C3%A6r%C3%B8'],
	])('%j becomes %s', (given, segment) => {
		expect(pathSegment(given, 'Charger')).toBe(segment);
	});

	it.each([
		'../../x',
		'..',
		'.',
		'...',
		' .. ',
		'a/b',
		'/',
		'//evil.example',
		'https://evil.example',
		'\\',
		'..\\x',
		'a\u0000b',
		'a\nb',
		'a\rb',
		'\u001bx',
		'\ud83d',
		'x\udd0c',
	])('%j is refused', (given) => {
		expect(errorOf(() => pathSegment(given, 'Charger')).message).toContain(
			'"Charger" must be a plain id without slashes, but ',
		);
	});

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
