"""The sentences of explanations, in both languages; `{cite}` is where the link to the page stands."""

from protocol.words import Bilingual, T

STEPS: dict[str, Bilingual] = {
    "no_event": T("No qualifying event.", "无符合标准的事件。"),
    "event": T("First qualifying event on day {day}.", "首个符合标准的事件在第 {day} 天。"),
    "died": T("Died on day {day}: a competing event.", "第 {day} 天死亡：竞争事件。"),
    "above_knee": T(
        "Above-knee amputation of the target limb on day {day}: the lesion can no longer be assessed.",
        "第 {day} 天靶肢膝上截肢：病变不能再评估。",
    ),
    "withdrew": T(
        "Consent withdrawn on day {day}: nothing after it counts.", "第 {day} 天撤回知情同意：其后不计。"
    ),
    "nothing_ended": T("No death, above-knee amputation or withdrawal.", "无死亡、膝上截肢或撤回同意。"),
    "nothing_ended_limb": T("No death or withdrawal.", "无死亡或撤回同意。"),
    "last_contact": T("So follow-up ends at the last known contact.", "因此随访止于末次已知联系。"),
    "last_alive": T("So follow-up ends at the last date known alive.", "因此随访止于末次确认存活日期。"),
    "event_in_horizon": T("{day} is within the horizon, {horizon}.", "{day} 在观察时限 {horizon} 以内。"),
    "event_after_horizon": T(
        "The event lies after the horizon, {horizon}: censored there.",
        "事件在观察时限 {horizon} 之后：在该日删失。",
    ),
    "reached_horizon": T("Followed to the horizon, {horizon}.", "已随访至观察时限 {horizon}。"),
    "before_horizon": T("{day} is before the horizon, {horizon}.", "{day} 早于观察时限 {horizon}。"),
    "patency_lost": T("Patency was lost on day {day}.", "第 {day} 天通畅丧失。"),
    "patent_before": T("Last day known patent before it: {left}.", "此前最后已知通畅日：第 {left} 天。"),
    "patency_kept": T("No loss was seen.", "未见通畅丧失。"),
    "patency_censored": T(
        "So follow-up ends at the earliest of these days, {day}.", "因此随访止于其中最早的一天，第 {day} 天。"
    ),
    "visit_lost": T(
        "Lost by the end of the {visit} window, day {hi}.", "在 {visit} 窗口末(第 {hi} 天)前已丧失。"
    ),
    "visit_shown": T(
        "Every target lesion was seen open from day {lo} on, before any loss.",
        "每处靶病变自第 {lo} 天起、丧失之前均被证实通畅。",
    ),
    "visit_not_shown": T(
        "Not every target lesion was seen open from day {lo} on.", "并非每处靶病变自第 {lo} 天起被证实通畅。"
    ),
    "at_visit": T("{visit}, day {lo} to {hi}.", "{visit}，第 {lo} 至 {hi} 天。"),
    "thirty_days": T("Days 0 to 30.", "第 0 至 30 天。"),
    "value": T("Result: {value}.", "结果：{value}。"),
}

LINES: dict[str, Bilingual] = {
    "log_empty": T("The log has no procedure.", "记录中无手术。"),
    "no_death_page": T("There is no death page.", "无死亡表。"),
    "adjudicated": T("Decided by the events committee.", "已由事件委员会裁定。"),
    "not_adjudicated": T("Not adjudicated yet: provisional.", "尚未裁定：暂定结果。"),
    "dated_by": T("{cite}.", "{cite}。"),
    "counts_committee": T("{cite}: so decided by the events committee.", "{cite}：由事件委员会裁定。"),
    "counts_bypass": T("{cite}: bypass of the target lesion.", "{cite}：跨越靶病变的旁路移植。"),
    "counts_zone": T("{cite}: {mm} mm from the device edge.", "{cite}：距器械边缘 {mm} mm。"),
    "counts_limb": T("{cite}: target limb.", "{cite}：靶肢。"),
    "counts_symptom": T(
        "{cite}: {mm} mm from the device edge; {reasons}.", "{cite}：距器械边缘 {mm} mm；{reasons}。"
    ),
    "counts_pressure": T(
        "{cite}: {mm} mm from the device edge; {index} fell from {reference} to {before}.",
        "{cite}：距器械边缘 {mm} mm;{index} 由 {reference} 降至 {before}。",
    ),
    "not_confirmed": T("{cite}. Not confirmed by the events committee.", "{cite}。事件委员会未确认。"),
    "other_limb": T(
        "{cite}. Other limb: never an event for limb endpoints.", "{cite}。对侧肢体：不计入肢体终点。"
    ),
    "diagnostic": T("{cite}. Diagnostic only.", "{cite}。仅诊断性造影。"),
    "index_session": T("{cite}. Part of the index session.", "{cite}。属于研究手术同次操作。"),
    "staged": T(
        "{cite}. Staged step declared at the index procedure, within 30 days.",
        "{cite}。研究手术时声明的分期手术，30天内。",
    ),
    "other_vessel": T("{cite}. Another vessel: {vessels}.", "{cite}。其他血管：{vessels}。"),
    "edge_unknown": T(
        "{cite}. The distance to the device edge is blank: the committee decides.",
        "{cite}。距器械边缘距离缺失：由委员会判定。",
    ),
    "outside_zone": T(
        "{cite}. {mm} mm from the device edge: more than {margin} mm.",
        "{cite}。距器械边缘 {mm} mm：超过 {margin} mm。",
    ),
    "committee_not_driven": T(
        "{cite}. Not clinically driven, says the committee.", "{cite}。委员会判定非临床驱动。"
    ),
    "pressure_date_missing": T(
        "{cite}. No symptom; the ABI before it has no date, so it cannot be compared.",
        "{cite}。无症状；术前ABI缺日期，无法比较。",
    ),
    "no_symptom_no_pressure": T(
        "{cite}. Not clinically driven: no symptom, and no ABI to compare.",
        "{cite}。非临床驱动：无症状，且无可比较的ABI。",
    ),
    "pressure_unusable": T(
        "{cite}. Not clinically driven: no symptom; ABI {reference} → {before} is incompressible.",
        "{cite}。非临床驱动：无症状；ABI {reference} → {before} 不可压缩。",
    ),
    "pressure_not_fallen": T(
        "{cite}. Not clinically driven: no symptom; ABI {reference} → {before} fell by neither"
        " more than 0.15 nor 20 %.",
        "{cite}。非临床驱动：无症状；ABI {reference} → {before} 下降未超过0.15，也未达20%。",
    ),
    "balloon_or_stent_only": T("{cite}. Repeat balloon or stent alone.", "{cite}。仅再次球囊或支架。"),
    "too_late": T("{cite}. Does not count here.", "{cite}。此处不计。"),
    "amputation_counts": T("{cite}: {level}.", "{cite}:{level}。"),
    "amputation_minor": T("{cite}. {level}: below the ankle.", "{cite}。{level}：踝以下。"),
    "alive": T("{cite}: alive on day {day}.", "{cite}：第 {day} 天存活。"),
    "no_exit": T("No exit page.", "无退出表。"),
    "exit_reason": T("{cite}: {reason}.", "{cite}:{reason}。"),
    "latest_of": T("Latest of {count} dates: {cite}.", "{count} 个日期中最晚者：{cite}。"),
    "does_not_count": T(
        "{cite} does not count: the state of the limb is not known from it.",
        "{cite} 不计：由此不知肢体状态。",
    ),
    "censored_day": T(
        "Censored on day {day}, reason {cnsr}: {reason}.", "第 {day} 天删失，原因 {cnsr}：{reason}。"
    ),
    "proportion_Y": T("In the proportion the subject counts as “event”.", "在比例中计为“有事件”。"),
    "proportion_N": T(
        "In the proportion the subject counts as “no event”: followed from day {low} on.",
        "在比例中计为“无事件”:随访已达第 {low} 天。",
    ),
    "proportion_NE": T(
        "In the proportion the subject cannot be evaluated: {day} is before day {low}.",
        "在比例中不可评估：第 {day} 天早于第 {low} 天。",
    ),
    "lost_tlr": T("{cite}: target lesion revascularisation.", "{cite}：靶病变血运重建。"),
    "lost_at_index": T(
        "{cite}: lesion not crossed, or residual stenosis of 50 % or more.",
        "{cite}：未通过病变，或残余狭窄≥50%。",
    ),
    "lost_reading": T("{cite}: lesion {lesion}.", "{cite}：病变 {lesion}。"),
    "lost_occluded": T("{cite}: lesion {lesion} occluded.", "{cite}：病变 {lesion} 闭塞。"),
    "lost_category": T(
        "{cite}: lesion {lesion}, stenosis of 50 % or more.", "{cite}：病变 {lesion} 狭窄≥50%。"
    ),
    "lost_angiography": T(
        "{cite}: lesion {lesion}, stenosis {pct} %.", "{cite}：病变 {lesion} 狭窄 {pct}%。"
    ),
    "lost_psvr": T("{cite}: lesion {lesion}, PSVR {psvr}.", "{cite}：病变 {lesion}，PSVR {psvr}。"),
    "seen_patent": T("{lesion}: last seen open, {cite}.", "{lesion}：最后证实通畅，{cite}。"),
    "never_patent": T("{lesion}: never seen open.", "{lesion}：从未证实通畅。"),
    "no_proof": T("{lesion}: no reading from day {lo} on.", "{lesion}：第 {lo} 天起无判读。"),
    "proof": T("{lesion}: {cite}.", "{lesion}:{cite}。"),
    "proof_later": T(
        "{lesion}: {cite}, a later exam that proves the earlier time.", "{lesion}:{cite}，由较晚检查证实。"
    ),
    "no_baseline": T("No value before the procedure.", "术前无数值。"),
    "no_reading": T("No reading from day {lo} to day {hi}.", "第 {lo} 至 {hi} 天无判读。"),
    "category": T("{cite}: Rutherford {category}.", "{cite}:Rutherford {category} 级。"),
    "pressures": T("{cite}: ABI {abi}, TBI {tbi}.", "{cite}:ABI {abi},TBI {tbi}。"),
    "film": T("{cite}: {stent}, {fracture}.", "{cite}:{stent},{fracture}。"),
    "film_indistinct": T(
        "{cite}: {stent}, {fracture}; perhaps of the old stent, so it does not count.",
        "{cite}：{stent}，{fracture}；可能属于旧支架，不计。",
    ),
    "adverse": T("{cite}: {kinds}.", "{cite}:{kinds}。"),
    "bleeding": T("{cite}: {kinds}, BARC {barc}.", "{cite}:{kinds},BARC {barc} 型。"),
    "known_until": T("State known until {cite}.", "状态已知至 {cite}。"),
    "hint_duplex": T(
        "An adequate duplex by day {hi} (until {until_date}), or a later one that is patent, answers this.",
        "在第 {hi} 天({until_date})前完成合格超声，或其后超声证实通畅，即可判定。",
    ),
    "hint_contact": T(
        "A phone contact between day {horizon} and day {until} (until {until_date}) with the"
        " revascularisation question answered moves this to day {horizon}.",
        "在第 {horizon} 至 {until} 天({until_date} 前)电话联系并回答血运重建问题，可延长至第 {horizon} 天。",
    ),
    "hint_alive": T(
        "A contact or a check of vital status between day {horizon} and day {until} (until {until_date})"
        " moves this to day {horizon}.",
        "在第 {horizon} 至 {until} 天({until_date} 前)联系或核实生存状态，可延长至第 {horizon} 天。",
    ),
    "hint_edge": T("{cite}: the distance to the device edge is blank.", "{cite}：距器械边缘距离未填。"),
    "hint_pressure_date": T("{cite}: the date of the ABI before it is blank.", "{cite}：术前ABI日期未填。"),
}

NAMED: dict[str, Bilingual] = {
    "REV": T("REV{number}, day {day}", "REV{number}，第 {day} 天"),
    "AMP": T("AMP{number}, day {day}", "AMP{number}，第 {day} 天"),
    "AE": T("AE{number}, day {day}", "AE{number}，第 {day} 天"),
    "FU": T("{visit} visit, {date}, day {day}", "{visit} 访视，{date}，第 {day} 天"),
    "DISC": T("Discharge, day {day}", "出院，第 {day} 天"),
    "DUS": T("Duplex {visit}, day {day}", "超声 {visit}，第 {day} 天"),
    "IMG": T("Angiography, day {day}", "血管造影，第 {day} 天"),
    "BCS": T("Baseline clinical status", "基线临床状态"),
    "XR": T("X-ray, day {day}", "X线，第 {day} 天"),
    "ABI": T("ABI {visit}, day {day}", "ABI {visit}，第 {day} 天"),
    "LB": T("A laboratory date, day {day}", "检验日期，第 {day} 天"),
    "DTH": T("Death page, day {day}", "死亡表，第 {day} 天"),
    "EXIT": T("Exit page, day {day}", "退出表，第 {day} 天"),
    "PR": T("Index procedure, day 0", "研究手术，第 0 天"),
    "PRL": T("Treatment of the lesion, day 0", "病变处理，第 0 天"),
    "LIVED": T("A page dated day {day}", "第 {day} 天的表单"),
}
