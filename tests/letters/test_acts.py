"""The act of a message, on wordings that no model learnt from: a question must hardly ever become a letter."""

from __future__ import annotations

import pytest

from bot.letters.acts import ASK, COMPLAIN, PRAISE, SUGGEST, act_of

ASKED = [
    "补办身份证要带什么",
    "我在外地上班，身份证过期了，能在这边换吗，要不要回老家",
    "您好，我想咨询一下，我和爱人都是外地户口，租房住，孩子明年上小学，需要准备哪些材料？",
    "尊敬的领导：我是退伍军人，今年三月回到云河，想了解一下有没有创业方面的补贴政策，怎么申请？谢谢！",
    "开餐馆是先办执照还是先办食品证",
    "公司注销以后，还欠的社保怎么处理",
    "社保断缴三个月，医保还能报销吗？听人说要重新等半年，是真的吗？",
    "低保每个月多少钱，几号发",
    "父亲去世了，他名下的房子怎么过户到我名下，要公证吗",
    "居住证丢了怎么补，要多久",
    "举报偷税有没有奖励",
    "投诉物业该找哪个部门",
    "夜间施工要办什么手续",
    "谢谢，我知道了",
    "你答错了，我问的不是这个",
    "今天天气怎么样",
    "我的驾驶证下个月到期，人在广州，请问可以在网上换证吗？体检在哪里做？",
    "小孩出生后多久之内要上户口，超过时间有没有影响",
    "请问灵活就业人员公积金最低交多少，什么时候可以提取",
    "残疾证到期了要重新评定吗，去哪家医院",
    "谢谢你的解答，很清楚",
    "感谢回复，我知道了",
    "谢谢，再问一下要不要带户口本",
    "给公安局户籍科的同志送个锦旗怎么送",
]
TAKEN = [
    (COMPLAIN, "楼下的烧烤摊天天摆到半夜，烟全飘进我家，打了很多次电话都没有人管，实在受不了"),
    (COMPLAIN, "我们小区的物业把电梯停了三天，业主群里问也不回，老人被困在楼上下不来，太不负责任了"),
    (COMPLAIN, "反映一下建设路的问题，修路修了大半年，到处是坑，下雨天车子都陷进去，什么时候才能修好"),
    (COMPLAIN, "某某大厦的工地每天凌晨还在施工，严重影响周围居民休息，望有关部门严肃查处"),
    (SUGGEST, "建议在第二小学门口设置减速带和斑马线，孩子过马路太危险"),
    (SUGGEST, "希望能延长地铁二号线的运营时间，方便晚上下班的人"),
    (PRAISE, "感谢城南派出所的两位民警，昨天夜里冒着雨帮我把走失的父亲送回家，特此表扬"),
    (PRAISE, "谢谢窗口的小刘，帮我跑了三趟把证办下来了，特别满意"),
    (PRAISE, "表扬一下政务中心3号窗口的工作人员，服务态度很好"),
    (PRAISE, "给你们点赞，今天办护照的大姐特别耐心"),
    (PRAISE, "办事大厅志愿者帮老人填表，很暖心"),
]


@pytest.mark.parametrize("text", ASKED)
def test_what_asks_is_not_taken_down(text: str) -> None:
    assert act_of(text).name == ASK


@pytest.mark.parametrize(("act", "text"), TAKEN)
def test_what_complains_suggests_or_praises_is_taken_down_as_that(act: str, text: str) -> None:
    assert act_of(text).name == act


@pytest.mark.parametrize("text", ["", "？", "投诉", "我要投诉", "👍👍", "\ud800 乱码", "啊" * 2000, "a" * 2000])
def test_any_text_has_an_act(text: str) -> None:
    assert act_of(text.encode("utf-8", "replace").decode()).name
