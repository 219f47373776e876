import { encodeMultipart } from '../../../nodes/shared/http/multipart';

const PHOTO = { data: Buffer.from([0, 255, 13, 10, 45, 45]), fileName: 'a.png', mimeType: 'image/png' };

/** As a browser reads it. */
async function parsed({ contentType, bytes }: ReturnType<typeof encodeMultipart>): Promise<FormData> {
	return await new Response(bytes, { headers: { 'Content-Type': contentType } }).formData();
}

it('a form is written byte by byte as RFC 7578 has it', () => {
	const { contentType, bytes } = encodeMultipart({ userId: '7' }, { photo: PHOTO }, 'edge');
	expect(contentType).toBe('multipart/form-data; boundary=edge');
	expect(bytes.toString('latin1')).toBe(
		[
			'--edge',
			'Content-Disposition: form-data; name="userId"',
			'',
			'7',
			'--edge',
			'Content-Disposition: form-data; name="photo"; filename="a.png"',
			'Content-Type: image/png',
			'',
			'\x00\xff\r\n--',
			'--edge--',
			'',
		].join('\r\n'),
	);
});

it('comes back as it was given, by the parser of Node.js', async () => {
	const form = await parsed(encodeMultipart({ note: 'Kø "1"\r\nB' }, { photo: PHOTO }));
	expect(form.get('note')).toBe('Kø "1"\r\nB');
	const file = form.get('photo') as File;
	expect([file.name, file.type]).toEqual(['a.png', 'image/png']);
	expect(Buffer.from(await file.arrayBuffer())).toEqual(PHOTO.data);
});

it('no name can add a part or a header', async () => {
	const evil = 'a"\r\nX-Evil: 1\r\n\r\n--edge';
	const { bytes } = encodeMultipart(
		{ [evil]: '' },
		{ [evil]: { ...PHOTO, fileName: evil, mimeType: 'image/png\r\nX-Evil: 1' } },
		'edge',
	);
	expect(bytes.toString('latin1')).not.toContain('\r\nX-Evil');
	expect(bytes.toString('latin1').split('\r\n--edge')).toHaveLength(3);
});

it('each form has a boundary of its own', () => {
	expect(encodeMultipart({}, {}).contentType).not.toBe(encodeMultipart({}, {}).contentType);
});
