"""Devices and places: what they draw and what a kWh emits, and the names under which people know them."""
import common

GPU_COLUMNS = ["name", "kind", "tdp_w", "fp32_tflops", "fp16_tflops", "memory_gb", "source"]
PLACE_COLUMNS = ["provider", "region", "country", "g_co2_per_kwh", "year", "source"]

SXM2 = "assumed: machines of four or eight boards mostly carry SXM2 (300 W, PCIe 250 W); 16 and 32 GB differ in memory only"
SXM4 = "assumed: machines of eight boards mostly carry SXM4 (400 W, PCIe 250 to 300 W); 40 and 80 GB differ in memory only"
SXM = "assumed: machines of eight boards mostly carry SXM, which draws more than PCIe"
ONE = "one board of that number"
SPELLING = "another spelling"
# alias: (name, reason). Names are compared folded (README.md), so spaces, hyphens and makers' names need no alias.
GPU_ALIASES = {
    "V100": ("V100 SXM2 16GB", SXM2), "V100 16GB": ("V100 SXM2 16GB", SXM2), "V100 32GB": ("V100 SXM2 32GB", SXM2),
    "V100 SXM2": ("V100 SXM2 16GB", SXM2), "V100 SXM": ("V100 SXM2 16GB", SXM2),
    "V100 PCIe": ("V100 PCIe 16GB", "16 and 32 GB differ in memory only"), "V100S": ("V100S PCIe 32GB", ONE),
    "A100": ("A100 SXM4 40GB", SXM4), "A100 40GB": ("A100 SXM4 40GB", SXM4), "A100 80GB": ("A100 SXM4 80GB", SXM4),
    "A100 SXM4": ("A100 SXM4 40GB", SXM4), "A100 SXM": ("A100 SXM4 40GB", SXM4),
    "A100 PCIe": ("A100 PCIe 40GB", "the first of the two; the 80 GB board draws 50 W more"),
    "A100 80GB PCIe": ("A100 PCIe 80GB", SPELLING), "A100 40GB PCIe": ("A100 PCIe 40GB", SPELLING),
    "H100": ("H100 SXM 80GB", SXM), "H100 80GB": ("H100 SXM 80GB", "as H100"),
    "H100 SXM": ("H100 SXM 80GB", ONE), "H100 SXM5": ("H100 SXM 80GB", ONE), "H100 80GB HBM3": ("H100 SXM 80GB", SPELLING),
    "H100 PCIe": ("H100 PCIe 80GB", ONE), "H100 NVL": ("H100 NVL 94GB", ONE),
    "H200": ("H200 SXM 141GB", SXM), "H200 SXM": ("H200 SXM 141GB", ONE),
    "H200 NVL": ("H200 NVL 141GB", ONE),
    "P100": ("P100 SXM2 16GB", "assumed: the tables' rows are Detectron's, of machines of eight (SXM2 300 W, PCIe 250 W)"),
    "P100 16GB": ("P100 SXM2 16GB", "as P100"), "P100 SXM2": ("P100 SXM2 16GB", ONE), "P100 PCIe": ("P100 PCIe 16GB", ONE),
    "M40": ("M40 24GB", "12 and 24 GB draw the same"), "K40": ("K40c", "the only K40 of the table"),
    "TPUv3": ("TPUv3 chip", "a TPU is counted in chips; a core is half of one"), "TPUv2": ("TPUv2 chip", "as TPUv3"),
    "GTX TITAN X Maxwell": ("GTX TITAN X", SPELLING), "TITAN X (Maxwell)": ("GTX TITAN X", SPELLING),
    "NVIDIA TITAN X Pascal 12GB": ("TITAN X Pascal", SPELLING), "Quadro RTX 8000": ("RTX 8000", SPELLING),
    "K6000": ("Quadro K6000", ONE), "P6000": ("Quadro P6000", ONE), "RTX 6000 Ada Generation": ("RTX 6000 Ada", SPELLING),
    "AGX Xavier": ("Jetson AGX Xavier 32GB", ONE), "Jetson AGX Xavier": ("Jetson AGX Xavier 32GB", ONE),
    "A5000": ("RTX A5000", ONE), "A6000": ("RTX A6000", ONE), "Radeon RX 480": ("AMD RX480", SPELLING),
    "Intel 8700": ("Intel Core i7-8700", "so Badar et al. name it"),
}
for _number in ("970", "980", "980 Ti", "1070", "1080", "1080 Ti", "1660"):
    GPU_ALIASES[_number] = ("GTX " + _number, ONE)
for _number in ("2080", "2080 Ti", "3070", "3080", "3080 Ti", "3090", "3090 Ti", "4090", "5090"):
    GPU_ALIASES[_number] = ("RTX " + _number, ONE)

GOOGLE_V3 = "; FP16 (bf16) and memory Google Cloud documentation, TPU v3 (mlco2/impact has the memory of a board of four chips)"
# What the source table has wrong for one chip: 64 and 128 GB are those of a board of four.
TPU = {"TPUv2 chip": {"memory_gb": "16", "note": "; memory a quarter of the board's 64 GB there"},
       "TPUv3 chip": {"memory_gb": "32", "fp16_tflops": "123", "note": GOOGLE_V3}}

COUNTRIES = {"USA": "United States", "United States of America": "United States", "Great Britain": "United Kingdom",
             "Korea": "South Korea"}
# Two letters that are no American state's and no bidding zone's.
COUNTRY_ALIASES = {
    "AT": "AUT", "AU": "AUS", "BE": "BEL", "BR": "BRA", "CH": "CHE", "CL": "CHL", "CN": "CHN", "CZ": "CZE", "DK": "DNK",
    "EE": "EST", "EG": "EGY", "ES": "ESP", "FR": "FRA", "GB": "GBR", "GR": "GRC", "HK": "HKG", "HU": "HUN", "IE": "IRL",
    "IR": "IRN", "IS": "ISL", "IT": "ITA", "JP": "JPN", "KR": "KOR", "MX": "MEX", "NL": "NLD", "NO": "NOR", "NZ": "NZL",
    "PL": "POL", "PT": "PRT", "RO": "ROU", "RU": "RUS", "SE": "SWE", "SG": "SGP", "TH": "THA", "TR": "TUR", "TW": "TWN",
    "UA": "UKR", "UK": "GBR", "US": "USA", "VN": "VNM", "ZA": "ZAF", "Great Britain": "GBR", "Czech Republic": "CZE",
    "Holland": "NLD", "Korea": "KOR", "Republic of Korea": "KOR", "Russian Federation": "RUS", "Turkiye": "TUR",
    "Türkiye": "TUR", "United States of America": "USA", "U.S.": "USA", "U.S.A.": "USA", "America": "USA",
    "Viet Nam": "VNM",
}
# Georgia is left out: it is a country too.
STATES = {
    "Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR", "California": "CA", "Colorado": "CO",
    "Connecticut": "CT", "Delaware": "DE", "District of Columbia": "DC", "Florida": "FL", "Hawaii": "HI", "Idaho": "ID",
    "Illinois": "IL", "Indiana": "IN", "Iowa": "IA", "Kansas": "KS", "Kentucky": "KY", "Louisiana": "LA", "Maine": "ME",
    "Maryland": "MD", "Massachusetts": "MA", "Michigan": "MI", "Minnesota": "MN", "Mississippi": "MS", "Missouri": "MO",
    "Montana": "MT", "Nebraska": "NE", "Nevada": "NV", "New Hampshire": "NH", "New Jersey": "NJ", "New Mexico": "NM",
    "New York": "NY", "North Carolina": "NC", "North Dakota": "ND", "Ohio": "OH", "Oklahoma": "OK", "Oregon": "OR",
    "Pennsylvania": "PA", "Rhode Island": "RI", "South Carolina": "SC", "South Dakota": "SD", "Tennessee": "TN",
    "Texas": "TX", "Utah": "UT", "Vermont": "VT", "Virginia": "VA", "Washington": "WA", "West Virginia": "WV",
    "Wisconsin": "WI", "Wyoming": "WY",
}


def halved(text):
    return format(float(text) / 2, ".6g") if text else ""


def gpus(folder):
    """The devices; one core of a TPUv3 chip is a device of its own, because papers count hours in cores."""
    for row in common.read(folder, "gpus.csv"):
        fix = TPU.get(row["name"], {})
        device = {"name": row["name"], "kind": row["type"], "tdp_w": row["tdp_watts"], "fp32_tflops": row["fp32_tflops"],
                  "fp16_tflops": fix.get("fp16_tflops", row["fp16_tflops"]),
                  "memory_gb": fix.get("memory_gb", row["memory_gb"]), "source": row["source"] + fix.get("note", "")}
        yield device
        if row["name"] == "TPUv3 chip":
            half = {name: halved(device[name]) for name in ("tdp_w", "fp32_tflops", "fp16_tflops", "memory_gb")}
            yield dict(device, name="TPUv3 core", source="half of TPUv3 chip, which has two cores; " + device["source"], **half)


def gpu_aliases():
    for alias, (name, reason) in GPU_ALIASES.items():
        yield {"alias": alias, "name": name, "reason": reason}


def places(folder):
    for row in common.read(folder, "carbon-intensity.csv"):
        row["provider"] = row["provider"] or "world"
        if row["provider"] == "epa":  # not US: that means the country
            row["region"] = "EPA"
        row["country"] = COUNTRIES.get(row["country"], row["country"])
        if row["region"] == "me-cenrtal1":
            row.update(region="me-central1", source=row["source"] + "; me-cenrtal1 there")
        yield row


def newest(rows):
    """region: the row of the newest table that has it. Of Google's two undated tables codecarbon's is the newer."""
    best = {}
    for row in rows:
        held = best.setdefault(row["region"], row)
        if (row["year"], row["provider"] == "gcp") > (held["year"], held["provider"] == "gcp"):
            best[row["region"]] = row
    best.update((row["region"], row) for row in rows if row["provider"] == "gcp")
    return best


def place_aliases(folder):
    """Names for what is known by a code, and one meaning for each region that two tables have."""
    rows = list(places(folder))
    best = newest(rows)
    for region in sorted({row["region"] for row in rows}):
        if sum(row["region"] == region for row in rows) > 1:
            yield {"alias": region, "provider": best[region]["provider"], "region": region,
                   "reason": "the newest table that has it"}
    for alias, code in COUNTRY_ALIASES.items():
        yield {"alias": alias, "provider": "country", "region": code, "reason": "the country"}
    for state, code in STATES.items():
        yield {"alias": state, "provider": best["US-" + code]["provider"], "region": "US-" + code,
               "reason": "the newest table that has the state"}
    yield {"alias": "BHS", "provider": "country", "region": "BHS", "reason": "the country; the data centre is ovh:bhs"}
    yield {"alias": "global", "provider": "world", "region": "World", "reason": "the average of the world"}
