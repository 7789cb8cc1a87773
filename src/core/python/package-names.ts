// Owns: what packages may be asked for: names with versions, and nothing else that an installer would follow (addresses, paths,
// options, markers). What asks for them may be a task of somebody else's.
import { RunError } from "../errors.ts";
import { nameOption } from "../shell-words.ts";

/** More of a task, or of a run's header, is no list of packages. */
const MOST_PACKAGES = 500;
const FORM = "write a name and, if you want, versions: pandas, scikit-learn>=1.5, numpy>=2,<3";

/** Name, extras, versions. Each part is bounded, so that reading takes time in proportion to the text. */
const PARTS = /^([A-Za-z0-9][\w.-]{0,99}) ?(?:\[ ?([\w.,\- ]{1,200})\])? ?([~=!<>][\w.,~=!<>+* -]{0,199})?$/;
const VERSIONS = /^(~=|==|!=|<=|>=|<|>) ?([0-9][\w.!+-]{0,79}(?:\.\*)?)$/;

/** As an index compares names: `Scikit_Learn` is `scikit-learn`. */
const normalName = (name: string): string => name.toLowerCase().replace(/[-_.]{1,100}/g, "-");
const isName = (name: string): boolean => /^[a-z0-9](?:[a-z0-9-]{0,99})$/.test(name) && !name.endsWith("-");

/** The name in what `readPackage` gives. */
export const packageName = (wish: string): string => /^[a-z0-9-]{0,100}/.exec(wish)?.[0] ?? "";

/** Packages whose modules have other names. */
const PACKAGES: Readonly<Record<string, string>> = {
  Bio: "biopython",
  bs4: "beautifulsoup4",
  cv2: "opencv-python-headless",
  dateutil: "python-dateutil",
  mpl_toolkits: "matplotlib",
  PIL: "pillow",
  pylab: "matplotlib",
  skimage: "scikit-image",
  sklearn: "scikit-learn",
  yaml: "pyyaml",
  zmq: "pyzmq",
};

/** The package that a module of this name comes with: of the same name, as far as is not known otherwise. */
export const packageOf = (module: string): string =>
  Object.hasOwn(PACKAGES, module) ? (PACKAGES[module] ?? module) : normalName(module);

/** `Pandas >= 2` as `pandas>=2`; null for what is no name with versions. */
export function readPackage(text: string): string | null {
  const [, name = "", extras = "", versions = ""] = PARTS.exec(text.trim().slice(0, 600)) ?? [];
  const wanted = versions === "" ? [] : versions.split(",").map((one) => VERSIONS.exec(one.trim()));
  const options = extras === "" ? [] : extras.split(",").map((one) => normalName(one.trim()));
  const isGood = text.length <= 600 && [normalName(name), ...options].every(isName) && !wanted.includes(null);
  if (!isGood) return null;
  const shown = options.length === 0 ? "" : `[${options.toSorted().join(",")}]`;
  const compared = wanted.map((found) => `${found?.[1]}${found?.[2]}`);
  return normalName(name) + shown + compared.toSorted().join(",");
}

/** All of them, each once and in one order, so that the same wish is the same words. @throws RunError `bad-option`. */
export function collectPackages(
  asked: readonly string[],
  flag = nameOption("--with", "packages"),
): readonly string[] {
  if (asked.length > MOST_PACKAGES)
    throw new RunError(
      "bad-option",
      `${flag}: ${asked.length} packages; at most ${MOST_PACKAGES} can be asked for`,
    );
  const read = asked.map((text) => {
    const wish = readPackage(text);
    if (wish === null) throw new RunError("bad-option", `${flag} ${text.slice(0, 100)}: ${FORM}`);
    return wish;
  });
  return [...new Set(read)].toSorted();
}

/** What is wrong with one entry of a task's list; null for nothing. */
export const packageProblem = (text: string): string | null =>
  readPackage(text) === null ? `is no package: ${FORM}` : null;
