//! The columns of the panel of experts as a file: what each is called, and what belongs in it.

use zhijian_documents::register::Column;

/// The columns of the panel's files, as [`cells`](super::panel_table::cells) fills them.
pub const COLUMNS: &[Column] = &[
    Column::new("sign_in_name", "登录名", "Sign-in name")
        .required()
        .also(&["账户", "用户名", "账号"])
        .hint("专家账户的登录名，账户须已开通并有评审专家角色。", "The expert's account, which must exist and hold the reviewer's role.")
        .width(16),
    Column::new("name", "姓名", "Name")
        .also(&["专家姓名"])
        .hint("可不填，则用账户的姓名。", "May stay empty: the account's name then.")
        .width(14),
    Column::new("organisation_code", "单位代码", "Organisation code")
        .required()
        .also(&["工作单位代码", "机构代码", "现单位代码"])
        .hint("现单位的十位代码，须已登记。", "The employer's ten-digit code, which must be registered.")
        .width(14),
    Column::new("expertise", "熟悉的专业类", "Classes known")
        .also(&["专业大类", "专业类", "专长"])
        .hint("专业代码的前两位（大类）或前四位（类），用顿号分隔，例如 71、5102。", "The first two or four digits of programme codes, such as 71、5102.")
        .width(18),
    Column::new("max_load", "每轮评审上限", "Greatest load")
        .also(&["评审上限", "上限"])
        .hint("一轮最多评审几个，1 到 200；新登记时必填。", "How many entries of a round, 1 to 200.")
        .width(12),
    Column::new("past_employers", "过往单位", "Past employers")
        .also(&["曾任职单位", "原单位"])
        .hint("离开的单位代码，括号里写离开时间，用分号分隔，例如 3611000001（2023-08）；3611000002。时间不详的不写括号。", "Codes of organisations left, with when in brackets, such as 3611000001（2023-08）；3611000002.")
        .width(34),
    Column::new("relations", "组长登记的关系", "Relations")
        .also(&["关系", "回避关系"])
        .hint("亲属、合著者、项目合作、师生、兼职顾问、经济利益，后接单位代码或单位代码/专业代码，用分号分隔，例如 亲属 3611000001；合著者 3611000002/710201（2022）。专家自己申报的不在此列，导入也不会改动。", "A kind with the code of an organisation, or organisation/programme, such as 亲属 3611000001. What experts declared themselves is not here and stays.")
        .width(40),
];
