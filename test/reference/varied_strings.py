"""Strings that a CLIP tokenizer may stumble over."""

ORDINARY = [
    "",
    "a",
    "A photo of a cat",
    "a watercolor painting of a fox in a misty forest, soft light, highly detailed",
    "An astronaut riding a green horse",
    "pixel art sprite of a knight, 16-bit, side view",
    "isometric icon of a database server, flat design, white background",
    "cinematic still, 35mm photograph, f/1.8, bokeh, 4k, 8k uhd, HDR",
    "masterpiece, best quality, 1girl, solo, looking at viewer",
    "worst quality, low quality, blurry, watermark, signature, text, jpeg artifacts",
    "portrait of a woman by Greg Rutkowski and Alphonse Mucha, artstation",
    "the quick brown fox jumps over the lazy dog",
    "The Quick Brown Fox Jumps Over The Lazy Dog",
    "THE QUICK BROWN FOX JUMPS OVER THE LAZY DOG",
    "hello world!", "hello, world", "hello,world", "hello-world", "hello_world", "hello/world", "hello\\world",
    "red circle", "blue square on a yellow background", "two green triangles", "a big purple star",
    "logo for a coffee shop called \"Bean & Gone\"",
    "app icon: rounded square; gradient (blue -> violet); white bolt",
    "(masterpiece:1.2), (best quality), [ugly], ((bright)), (dark:0.8)",
    "<lora:detail_tweaker:0.8> a castle", "a castle BREAK a dragon", "cat AND dog",
    "step 1: draw; step 2: refine", "50% off", "$9.99", "#hashtag @user", "user@example.com",
    "https://example.com/path?query=1&other=two#part", "C:\\Users\\name\\file.png", "/usr/share/doc",
    "e=mc^2", "1+1=2", "x < y > z", "~tilde~ `tick` |pipe|", "{curly} [square] (round) <angle>",
]
CONTRACTIONS = [
    "don't", "it's", "I'm we're they've he'll she'd", "IT'S", "rock 'n' roll", "'s", "'S 'T 'RE", "it''s", "dogs' tails",
    "can\u2019t", "\u2018quoted\u2019 \u201ctext\u201d", "o'clock", "y'all'd've", "'tis 'twas",
]
NUMBERS = [
    "1", "12", "123", "1234567890", "3.14159", "1,000,000", "2026-11-23", "16:9", "1920x1080", "v1.0.2", "0x1F", "1e-5",
    "\u00b2\u00b3\u00b9", "\u00bd \u00bc", "\u2160 \u2161 \u2162", "\u0661\u0662\u0663", "\uff11\uff12\uff13", "7th 1st 2nd",
    "a1b2c3", "4k8k16k", "\u2460\u2461",
]
WHITE_SPACE = [
    " ", "  ", "\t", "\n", " leading", "trailing ", "two  spaces", "tab\tbetween", "line\nbreak", "crlf\r\nbreak",
    "\u00a0", "non\u00a0breaking", "thin\u2009space", "ideographic\u3000space", "line\u2028separator", "nel\u0085here",
    "zero\u200bwidth", "joiner\u200dhere", "bom\ufefftext", "vertical\x0btab", "form\x0cfeed", "   many     kinds \t\n of   ",
    "soft\u00adhyphen", "\u180e", "a\u2060b",
]
PUNCTUATION = [
    "!", "!!", "!!!", "wow!", "wow!!!", "! !", "a!b", "!a", "hello ! world", "?!", "...", "\u2026", "--", "\u2014", "-", ".,;:",
    "a.b.c", "a . b . c", "(", ")", "()", "!@#$%^&*()", "\"", "'", "''", "\\", "/", "\u00a1hola!", "\u00bfqu\u00e9?",
    "\u00abguillemets\u00bb", "5\u20ac \u00a33 \u00a52", "\u00a9\u00ae\u2122", "a\u00b7b", "\u2022 bullet", "\u00b0C", "\u2192 \u21d2",
    "______", "a_b_c", "=====", "*bold* **bolder**", "<br/>", "&amp; &lt;", "\u221a2 \u2264 \u221e",
]
SPECIAL = [
    "<|startoftext|>", "<|endoftext|>", "a <|endoftext|> b", "a<|endoftext|>b", "<|startoftext|>cat<|endoftext|>",
    "<|ENDOFTEXT|>", "<| endoftext |>", "<|endoftext", "endoftext|>", "<|startoftext|><|startoftext|>", "</w>", "cat</w>",
    "<|pad|>", "[CLS] [SEP]", "<unk>",
]
SCRIPTS = [
    "\u00e9t\u00e9 na\u00efve caf\u00e9", "\u00c9T\u00c9 NA\u00cfVE", "e\u0301te\u0301", "A\u030angstro\u0308m", "\u212bngstr\u00f6m", "\ufb01ligree \ufb02ow",
    "Stra\u00dfe STRASSE \u1e9e", "\u0130stanbul \u0131\u015f\u0131k", "\u0141\u00f3d\u017a \u017b\u00f3\u0142\u0107", "\u010ce\u0161tina \u0159e\u017e", "\u00d0\u00de\u00e6\u00f0\u00fe", "na\u0308ive",
    "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440", "\u041a\u041e\u0428\u041a\u0410", "\u0393\u03b5\u03b9\u03ac \u03c3\u03bf\u03c5 \u039a\u03cc\u03c3\u03bc\u03b5", "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03a3", "\u4e00\u53ea\u732b", "\u6c34\u5f69\u753b\u98ce\u683c\u7684\u72d0\u72f8\uff0c\u9ad8\u6e05",
    "\u732b\u306e\u5199\u771f", "\u30cd\u30b3\u3001\u304b\u308f\u3044\u3044", "\uff76\uff9e\uff77\uff9e", "\u30ac\u30ad", "\u30ab\u3099", "\ud55c\uad6d\uc5b4 \uace0\uc591\uc774", "\u1112\u1161\u11ab", "\u0642\u0637\u0629 \u062c\u0645\u064a\u0644\u0629", "\u0627\u0644\u0633\u064e\u0651\u0644\u0627\u0645\u064f",
    "\u05d7\u05ea\u05d5\u05dc \u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd", "\u092c\u093f\u0932\u094d\u0932\u0940", "\u0e41\u0e21\u0e27\u0e19\u0e49\u0e2d\u0e22", "\u1780\u17b6", "\u10d9\u10d0\u10e2\u10d0", "\u1c99", "\u13a0\u13b0", "ti\u1ebfng Vi\u1ec7t", "tie\u0302\u0301ng",
    "\uff21\uff22\uff23 \uff41\uff42\uff43", "\U0001d400\U0001d401 \U0001d54f", "\u2c6f\u0250 \u0259", "\u01c5 \u01c4 \u01c6", "\U00010400\U00010428", "z\u0351\u036b\u0343a\u0325\u0323l\u0334g\u0321o\u0322",
    "o\u031b\u0323 \u1ee3", "\u0958 \u0915\u093c", "\u1fbe \u03b9", "\u2126 \u03a9", "K \u212a k",
]
EMOJI = [
    "\U0001f600", "\U0001f98a fox", "cat\U0001f431dog", "\U0001f44d\U0001f3fd", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f1eb\U0001f1f7", "\u2764\ufe0f \u2764", "\U0001f600\U0001f600\U0001f600",
    "\u2603\ufe0f\u26c4", "1\ufe0f\u20e3", "\U0001f9d9\u200d\u2642\ufe0f wizard!", "\u2728 sparkles \u2728", "\U0001fae0", "\u263a", "\u2713 \u2717",
]
ODD = [
    "a" * 100, "ab" * 60, "antidisestablishmentarianism", "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch",
    "a " * 90, "cat, " * 40, "\x00", "nul\x00inside", "\x01\x02\x1f", "\x7f", "\ufffd", "\ue000 private", "\U0010ffff",
    "\u0301", "\u200e\u200f marks", "\u202eright to left", "camelCaseWord snake_case_word", "x" * 30 + "1" * 10 + "!" * 5,
    "w\u0131th d\u043e\u0442less", "jekyll freya habib \U0001f4a1", "\ufe0f", "\u00ff\u00fe", "\u0149 \u01f0", "constructor __proto__ toString",
]

VARIED_STRINGS = [*ORDINARY, *CONTRACTIONS, *NUMBERS, *WHITE_SPACE, *PUNCTUATION, *SPECIAL, *SCRIPTS, *EMOJI, *ODD]
