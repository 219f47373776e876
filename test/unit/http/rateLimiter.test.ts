import { RateLimiters } from '../../../nodes/shared/http/rateLimiter';

test('one limiter serves all requests with one key at one address, and no others', () => {
	const limiters = new RateLimiters();
	const limiter = limiters.of('https://api.example.com', 'key-a');
	expect(limiters.of('https://api.example.com', 'key-a')).toBe(limiter);
	expect(limiters.of('https://api.example.com', 'key-b')).not.toBe(limiter);
	expect(limiters.of('https://other.example.com', 'key-a')).not.toBe(limiter);
	expect(new RateLimiters().of('https://api.example.com', 'key-a')).not.toBe(limiter);
});
