#!/usr/bin/env bash
# Makes the fonts that PDF and DOCX charts are set in, from Debian's fonts-noto-cjk: a book face and a bold one for heads,
# the characters of GB 2312 and what stands beside them, without hints and layout features.
#
#   apt-get install fonts-noto-cjk && services/typeset/fonts/make.sh
set -euo pipefail
cd "$(dirname "$0")"
from=${NOTO_CJK:-/usr/share/fonts/opentype/noto}
venv=$(mktemp -d)
trap 'rm -rf "$venv"' EXIT
python3 -m venv "$venv"
"$venv/bin/pip" --quiet install fonttools==4.60.1
"$venv/bin/python" subset.py "$from/NotoSerifCJK-Regular.ttc" "Noto Serif CJK SC" "Zhijian Serif SC" zhijian-serif-regular.otf
"$venv/bin/python" subset.py "$from/NotoSansCJK-Regular.ttc" "Noto Sans CJK SC" "Zhijian Sans SC" zhijian-sans-regular.otf
"$venv/bin/python" subset.py "$from/NotoSansCJK-Bold.ttc" "Noto Sans CJK SC" "Zhijian Sans SC" zhijian-sans-bold.otf
