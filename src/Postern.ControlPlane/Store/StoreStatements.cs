namespace Postern.ControlPlane.Store;

/// <summary>Every statement of the store; both databases understand them.</summary>
internal static class StoreStatements
{
    private const string Columns =
        "id, type_name, parent_id, etag, revision, body, created_at, created_by, modified_at, modified_by";

    public const string Find = $"SELECT {Columns} FROM resources WHERE key = @key";

    public const string ListChildren =
        $"SELECT {Columns} FROM resources WHERE parent = @parent AND type = @type ORDER BY name LIMIT @top OFFSET @skip";

    public const string ListAfter =
        $"SELECT {Columns} FROM resources WHERE parent = @parent AND type = @type AND name > @after ORDER BY name LIMIT @top";

    public const string ListNamed =
        $"SELECT {Columns} FROM resources WHERE parent = @parent AND type = @type AND name >= @from AND name < @to ORDER BY name";

    public const string ListTypeNamed =
        $"SELECT {Columns} FROM resources WHERE type = @type AND name >= @from AND name < @to ORDER BY name, key";

    public const string ListType = $"SELECT {Columns} FROM resources WHERE type = @type ORDER BY name, key LIMIT @top OFFSET @skip";

    public const string CountChildren = "SELECT n FROM resource_counts WHERE parent = @parent AND type = @type";

    public const string CountType = "SELECT count(*) FROM resources WHERE type = @type";

    /// <summary>'0' follows '/' in ASCII, so the range holds whole segments only.</summary>
    public const string ListBelow =
        $"SELECT {Columns} FROM resources WHERE key = @key OR (key >= @key || '/' AND key < @key || '0') ORDER BY key";

    public const string DeleteBelow = "DELETE FROM resources WHERE key = @key OR (key >= @key || '/' AND key < @key || '0')";

    public const string ListAll = $"SELECT {Columns} FROM resources WHERE key > @after ORDER BY key LIMIT @top";

    public const string DeleteValue =
        "DELETE FROM resource_values WHERE collection = @collection AND member = @member AND value = @text AND path = @path";

    public const string AddCount = """
        INSERT INTO resource_counts (parent, type, n) VALUES (@parent, @type, @n)
        ON CONFLICT (parent, type) DO UPDATE SET n = resource_counts.n + excluded.n
        """;

    public const string DeleteCounts = "DELETE FROM resource_counts";

    public const string CountAll = "INSERT INTO resource_counts (parent, type, n) SELECT parent, type, count(*) FROM resources GROUP BY parent, type";

    public const string DeleteValues = "DELETE FROM resource_values";

    public const string Setting = "SELECT value FROM settings WHERE name = @name";

    public const string SetSetting = "INSERT INTO settings (name, value) VALUES (@name, @value) ON CONFLICT (name) DO UPDATE SET value = excluded.value";

    private const string OfMember = "FROM resource_values WHERE collection = @collection AND member = @member AND";

    public static string FindByValue(ISqlDatabase database) => $"""
        SELECT {Columns} FROM (SELECT path {OfMember} value = @text ORDER BY path LIMIT @top) AS found
        {database.JoinResource("key = @root || found.path")} ORDER BY found.path
        """;

    public const string ListNameKeys = "SELECT name FROM resources WHERE parent = @parent AND type = @type ORDER BY name";

    public const string ListValues = "SELECT member, value, path FROM resource_values WHERE collection = @collection";

    /// <summary>The rows of some keys, in no order.</summary>
    /// <param name="keys">How many; a statement is prepared for each number.</param>
    public static string ListKeys(int keys, ISqlDatabase database) => $"""
        SELECT {Columns} FROM ({string.Join(" UNION ALL ", Enumerable.Range(0, keys).Select(i => $"SELECT @key{i} AS key"))}) AS wanted
        {database.JoinResource("resources.key = wanted.key")}
        """;

    public const string Upsert = """
        INSERT INTO resources (key, id, type, type_name, parent, parent_id, name, etag, revision, body, created_at, created_by, modified_at, modified_by)
        VALUES (@key, @id, @type, @type_name, @parent, @parent_id, @name, @etag, @revision, @body, @created_at, @created_by, @modified_at, @modified_by)
        ON CONFLICT (key) DO UPDATE SET etag = excluded.etag, revision = excluded.revision, body = excluded.body,
            modified_at = excluded.modified_at, modified_by = excluded.modified_by
        """;

    public const string Log =
        "INSERT INTO changes (revision, position, id, type_name, removed) VALUES (@revision, @position, @id, @type_name, @removed)";

    public const string Trim = "DELETE FROM changes WHERE revision <= @revision";

    public const string Head = "SELECT revision FROM head";

    public const string SetHead = "UPDATE head SET revision = @revision";

    /// <summary>Whole revisions only: a revision is one transaction and must not be seen in part.</summary>
    public const string ChangesAfter = """
        SELECT revision, id, type_name, removed FROM changes WHERE revision > @revision AND revision <= (
            SELECT coalesce(max(revision), 0) FROM (SELECT revision FROM changes WHERE revision > @revision ORDER BY revision LIMIT @top) AS page)
        ORDER BY revision, position
        """;
}
