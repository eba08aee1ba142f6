//! The text that a bureau publishes when it seals a draw (公告).

use crate::draw::Scope;
use crate::draw::seal::Seal;
use crate::notice::Notice;
use crate::text::{Lang, both};

/// The text to publish, ready but for the date and the seed's source where the plan names none.
#[must_use]
pub fn announcement(seal: &Seal, notice: &Notice, lang: Lang) -> String {
    let Seal { draw, city, rate, minimum, reserves, applicants, frame_digest, .. } = seal;
    let title = notice.title(lang);
    let document = &notice.document;
    let source = seal.seed_source.as_deref().unwrap_or(
        lang.pick("（请填写：何时、由何处公布的随机数）", "(fill in: which public random number, published when)"),
    );
    let per_star: Vec<String> = notice
        .stars
        .iter()
        .map(|rule| {
            let star = rule.star;
            let n: usize = seal.strata.iter().filter(|s| s.star == star).map(|s| s.applicants).sum();
            both!(lang, "{star}星{n}家", "{n} for {star} stars")
        })
        .collect();
    let per_star = per_star.join(lang.pick("，", ", "));
    let (excluded, must) = (seal.excluded.len(), seal.must_inspect.len());
    let scope = match seal.scope {
        Scope::City => lang.pick("全市按星级分层", "strata are the stars of the whole city"),
        Scope::County => lang.pick("按县（市、区）和星级分层", "strata are county × star"),
    };
    both!(
        lang,
        "{city}星级上云企业现场核查抽取公告\n\n\
         根据《{title}》（{document}），现将现场核查对象的抽取办法公告如下。\n\n\
         一、抽签编号：{draw}\n\
         二、抽取范围：申报企业{applicants}家（{per_star}）；其中有记录在案原因不参加抽取的{excluded}家，必查{must}家。\n\
         三、抽取比例：{rate}，{scope}，每层不少于{minimum}家；备选为各层抽取数的{reserves}。\n\
         四、抽样框指纹（frame.csv 的 SHA-256）：\n{frame_digest}\n\
         五、随机种子来源：{source}。种子公布前，抽样框和规则已按上述指纹封存；如有变更，逐条公布原因。\n\
         六、抽取方法（hecha-draw/1）：由抽签编号和种子计算密钥与盐值，每家企业的抽签号为“盐值＋统一社会信用代码”的 SHA-256，\
         同层抽签号从小到大依次入选。任何人都可以复算；企业可用自己的代码核对结果。\n\n\
         （单位名称、公章）\n　　　　年　　月　　日\n",
        "{city}: announcement of the draw for on-site checks\n\n\
         Under {document} ({title}) the enterprises to be checked on site are drawn as follows.\n\n\
         1. Draw id: {draw}\n\
         2. Frame: {applicants} applicants ({per_star}); {excluded} of them are excluded for recorded reasons, {must} must be inspected.\n\
         3. Rate: {rate}, {scope}, at least {minimum} of each; reserves {reserves} of each stratum's selected.\n\
         4. Frame digest (SHA-256 of frame.csv):\n{frame_digest}\n\
         5. Source of the seed: {source}. Frame and rules are fixed by the digest before the seed is known; any change is published with its reason.\n\
         6. Method (hecha-draw/1): draw id and seed give a key and a salt; the ticket of an enterprise is SHA-256 of salt and credit code; \
         within a stratum the lowest tickets are selected. Anyone can recompute it.\n\n\
         (office, seal, date)\n"
    )
}
