"""What the fields are called in the wild, English and Chinese.

Headers are compared in lower case with everything but letters and digits removed.
"""

SYNONYMS: dict[str, tuple[str, ...]] = {
    field: tuple(words.split())
    for field, words in {
        "order_id": """
            orderid order ordernumber orderno invoiceno invoice invoiceid invoicenumber
            transactionid transaction basketid receiptid receiptno salesid saleid ordername
            订单编号 订单号 订单id 交易编号 交易号 主订单编号 单号
        """,
        "line_no": "lineno linenumber lineitem lineitemid orderline 行号 订单行号 子订单编号",
        "customer_id": """
            customerid customer custid clientid client userid user memberid member buyerid buyer
            customernumber customerno accountid account householdid householdkey visitorid
            masterid contactid shopperid personid uid email 用户id 用户 用户编号 客户id 客户
            客户编号 客户编码 买家会员名 买家id 买家 会员id 会员 会员编号 会员名 顾客id 顾客编号
            keepid mainid primaryid onlineid onlinecustomerid crmid 主id 主会员id 线上id
        """,
        "other_id": """
            otherid othercustomerid sameas alias aliasid linkedid linkedcustomerid matchedid
            secondaryid duplicateid oldid oldcustomerid storeid storecustomerid onlineid
            onlinecustomerid memberid memberno membershipid loyaltyid loyaltycardid cardid cardno
            crmid webid 关联id 关联会员id 其他id 会员号 会员id 会员卡号 门店id 线下id 线上id 旧id
        """,
        "ordered_at": """
            orderedat orderdate invoicedate createdat ordercreatedat date datetime orderdatetime
            ordertime purchasedate purchasedat transactiondate transactiontime
            transactiontimestamp saledate salesdate timestamp time created paidat day 订单创建时间
            下单时间 订单时间 交易时间 订单付款时间 付款时间 创建时间 购买时间 日期 时间 下单日期
            订单日期
        """,
        "product_id": """
            productid product itemid item sku lineitemsku stockcode articleid article articleno
            productcode itemcode productsku variantsku goodsid asin productnumber 商品id 商品编号
            商品编码 商品 货号 宝贝id 产品id 产品编号 产品编码 商家编码
        """,
        "quantity": """
            quantity qty units unitssold lineitemquantity count pieces numberofitems numberofcds
            cds 数量 购买数量 商品数量 宝贝总数量 件数 销量
        """,
        "unit_price": """
            unitprice price lineitemprice itemprice priceeach priceperunit sellingprice 单价 价格
            商品单价 商品价格 售价
        """,
        "discount": """
            discount discountamount lineitemdiscount rebate discountvalue 优惠金额 折扣金额 优惠
        """,
        "amount": """
            amount linetotal total totalprice lineamount sales salesvalue revenue value
            totalamount netamount subtotal spent paid dollars dollarvalue turnover
            买家实际支付金额 实付金额 实际支付金额 金额 总金额 销售额 订单金额 支付金额 成交金额
        """,
        "refunded": "refunded refundedamount refundamount refund refunds 退款金额 已退款金额 退款",
        "status": "status orderstatus financialstatus paymentstatus 订单状态 状态 交易状态",
        "currency": "currency currencycode 币种 货币",
        "channel": """
            channel source saleschannel platform utmsource trafficsource medium storeid 渠道 来源
            订单来源 平台 渠道来源
        """,
        "coupon": "coupon couponcode discountcode vouchercode voucher promocode 优惠券 优惠码",
        "city": "city shippingcity billingcity town 城市 收货城市 所在城市 市",
        "country": """
            country shippingcountry billingcountry countrycode countryname nation 国家 国家地区
            收货国家
        """,
        "session_id": "sessionid session visitid visit usersession 会话id 会话",
        "occurred_at": """
            occurredat eventtime eventtimestamp timestamp time datetime date createdat eventat ts
            eventdate 时间 时间戳 行为时间 发生时间 操作时间 日期
        """,
        "event": """
            event eventtype eventname action behavior behaviour behaviortype behaviourtype type
            activity 行为类型 行为 事件 事件类型 操作类型
        """,
        "campaign": "campaign campaignid utmcampaign 活动 营销活动 campaignname 计划",
        "value": "value eventvalue score rating reviewscore stars 数值 金额 评分 打分",
        "email": "email emailaddress mail 邮箱 电子邮箱 邮件",
        "phone": "phone phonenumber mobile mobilephone telephone tel 手机 手机号 电话 联系电话",
        "name": """
            name fullname customername 姓名 名字 客户姓名 收货人姓名 productname title description
            itemname 商品名称 名称 商品标题 产品名称
        """,
        "signed_up_at": """
            signedupat signup signupdate registeredat registrationdate createdat joinedat joindate
            dtcustomer 注册时间 注册日期
        """,
        "birth_date": "birthdate dateofbirth dob birthday 生日 出生日期",
        "age": "age 年龄",
        "gender": "gender sex 性别",
        "consent": """
            consent acceptsmarketing marketingconsent optin optedin emailconsent subscribed
            newsletter 同意 同意营销 是否同意
        """,
        "category": "category productcategory department producttype 类目 品类 分类 商品类目 类别",
        "brand": "brand vendor manufacturer maker 品牌 厂商",
        "price": "price listprice retailprice unitprice 价格 售价 标价",
        "cost": """
            cost unitcost purchaseprice costprice 成本 进价 成本价 spend amountspent adspend costs
            花费 消耗 费用
        """,
        "stock": """
            stock inventory onhand stockonhand stocklevel inventorylevel quantityonhand qtyonhand
            库存 库存数量
        """,
        "lead_time_days": "leadtimedays leadtime deliverydays 交货天数 供货周期",
        "launched_at": "launchedat launchdate createdat introducedat 上架时间 上市时间",
        "experiment": "experiment experimentid experimentname test testname abtest 实验 实验名称",
        "variant": "variant variation group arm treatment testgroup bucket 分组 实验组 版本",
        "assigned_at": "assignedat assignmentdate exposedat timestamp date time 分配时间 时间 日期",
        "day": "day date spenddate stockdate snapshotdate 日期 天",
    }.items()
}

ALSO: dict[str, tuple[str, ...]] = {
    field: tuple(words.split())
    for field, words in {
        "products.name": """
            productname description itemname lineitemname producttitle producttype
            stockdescription goodsname 商品名称 商品标题 宝贝标题 产品名称 宝贝名称
        """,
        "products.category": """
            category productcategory categoryname categoryid itemcategory department commodity
            subcategory 类目 品类 分类 商品类目 商品类目id 类目id 商品分类 类别
        """,
        "products.brand": "brand vendor manufacturer maker 品牌 厂商",
        "customers.name": """
            customername fullname billingname shippingname buyername clientname recipient 姓名
            客户姓名 收货人姓名 收货人
        """,
        "customers.email": "email emailaddress customeremail billingemail mail 邮箱 电子邮箱",
        "customers.phone": """
            phone phonenumber billingphone shippingphone mobile telephone 手机 手机号 联系手机
            电话
        """,
        "customers.city": "city shippingcity billingcity town 城市 收货城市",
        "customers.country": "country shippingcountry billingcountry countryname 国家",
    }.items()
}
"""What columns of an order or event file tell of its products and customers."""
