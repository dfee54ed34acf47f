import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { CommandLine } from '../../src/set-up/run-command.ts';
import type { Tools } from '../../src/set-up/tools.ts';
import { fakeModule } from '../fake-runtime.ts';

type Files = Readonly<Record<string, string | Buffer>>;

/** A ZIP archive of these files. */
export function zip(files: Files): Buffer {
  const [bodies, directory]: Buffer[][] = [[], []];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const [path, plain] = [Buffer.from(name), Buffer.from(content)];
    const packed = deflateRawSync(plain);
    const facts = Buffer.alloc(26);
    facts.writeUInt16LE(20, 0);
    facts.writeUInt16LE(8, 4);
    facts.writeUInt32LE(crc32(plain), 10);
    facts.writeUInt32LE(packed.length, 14);
    facts.writeUInt32LE(plain.length, 18);
    facts.writeUInt16LE(path.length, 22);
    const body = Buffer.concat([Buffer.from('PK\x03\x04'), facts, path, packed]);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), facts, place, path]));
    bodies.push(body);
    offset += body.length;
  }
  const size = directory.reduce((sum, { length }) => sum + length, 0);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(bodies.length, 4);
  end.writeUInt16LE(bodies.length, 6);
  end.writeUInt32LE(size, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...bodies, ...directory, Buffer.from('PK\x05\x06'), end]);
}

function crc32(bytes: Buffer): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** A wheel of these files, with a RECORD that matches them except for the given files. */
export function wheel(name: string, files: Files, record: Files = files): Buffer {
  const lines = Object.entries(record).map(([path, content]) => {
    const hash = createHash('sha256').update(content).digest('base64url');
    return `${path.includes(',') ? `"${path}"` : path},sha256=${hash},${content.length}\n`;
  });
  return zip({ ...files, [`${name}.dist-info/RECORD`]: `${lines.join('')}${name}.dist-info/RECORD,,\n` });
}

/** Files of a small imitation of the TensorFlow wheel. */
export const tensorFlowFiles: Files = {
  'tensorflow/libtensorflow_cc.so.2': 'cc',
  'tensorflow/libtensorflow_framework.so.2': 'framework',
  'tensorflow/include/tensorflow/c/c_api.h': '// c_api',
  'tensorflow/include/tsl/c/tsl_status.h': '// tsl_status',
  'tensorflow/include/Eigen/Core': '// not needed',
  'tensorflow/python/__init__.py': '# not needed',
  'tensorflow-2.15.1.dist-info/METADATA':
    "Name: tensorflow\nRequires-Dist: numpy >=1\nRequires-Dist: nvidia-cudnn-cu12 (==8.9.9.9) ; extra == 'and-cuda'\n" +
    "Requires-Dist: nvidia-cuda-nvcc-cu12==12.2.140; extra == 'and-cuda'\n",
};

/** What the fake tools do. */
export interface Fakes {
  /** Wheels that pip can download, by the name of the requirement. */
  readonly wheels?: Readonly<Record<string, Buffer>>;
  /** Code that pip runs when it downloads. */
  readonly pip?: string;
  readonly npm?: string;
  readonly compiler?: string;
  /** The package that npm installs. */
  readonly module?: string;
}

/** Fake npm, pip and compiler: programs that print and write the same as the real ones. */
export function fakeTools(folder: string, fakes: Fakes = {}): Tools {
  const wheels = fakes.wheels ?? { 'tensorflow-cpu': wheel('tensorflow-2.15.1', tensorFlowFiles) };
  for (const [name, bytes] of Object.entries(wheels)) writeFileSync(join(folder, `${name}.fake`), bytes);
  const script = (name: string, code: string): CommandLine => {
    const file = join(folder, `${name}.cjs`);
    writeFileSync(
      file,
      `const fs = require('fs'), path = require('path'), [, , ...args] = process.argv;${code}`,
    );
    return [process.execPath, file];
  };
  const fail = 'const fail = (text) => { console.error(text); process.exit(1); };';
  const log = `fs.appendFileSync(${JSON.stringify(join(folder, 'log.txt'))}, JSON.stringify(args) + '\\n');`;
  const npm = `${fail}${log}${fakes.npm ?? ''}
    if (args[0] === 'install') {
      const { dependencies } = JSON.parse(fs.readFileSync('package.json', 'utf8'));
      for (const [name, version] of Object.entries(dependencies)) {
        const directory = path.join('node_modules', name);
        fs.mkdirSync(path.join(directory, 'binding'), { recursive: true });
        fs.writeFileSync(path.join(directory, 'package.json'), JSON.stringify({ name, version, main: 'index.js' }));
        fs.writeFileSync(path.join(directory, 'index.js'), ${JSON.stringify(fakes.module ?? fakeModule())});
        fs.writeFileSync(path.join(directory, 'binding', 'tfjs.cc'), '');
      }
    }`;
  const pip = `${fail}${log}if (args[0] === '--version') process.exit(0);
    const value = (name) => args.find((arg) => arg.startsWith(name)).slice(name.length + 1);
    const requirements = fs.readFileSync(value('--requirement'), 'utf8');
    ${fakes.pip ?? ''}
    for (const [, name, version] of requirements.matchAll(/^([\\w-]+)==([\\w.]+)/gm)) {
      const file = path.join(${JSON.stringify(folder)}, name + '.fake');
      fs.copyFileSync(file, path.join(value('--dest'), name + '-' + version + '-py3-none-any.whl'));
    }`;
  const compiler = `${fail}${log}if (args[0] === '--version') process.exit(0);
    ${fakes.compiler ?? ''}
    fs.writeFileSync(args[args.indexOf('-o') + 1], 'addon');`;
  return {
    npm: script('npm', npm),
    pip: [['no-such-python', '-m', 'pip'], script('pip', pip)],
    compilers: [script('compiler', compiler)],
  };
}
