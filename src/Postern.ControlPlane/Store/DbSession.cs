using System.Data.Common;

namespace Postern.ControlPlane.Store;

/// <summary>One connection with its prepared statements. Used by one caller at a time.</summary>
/// <param name="owns">True when the connection is closed with the session.</param>
internal sealed class DbSession(DbConnection connection, bool owns = true) : IAsyncDisposable
{
    private readonly Dictionary<string, DbCommand> _commands = new(StringComparer.Ordinal);

    public DbConnection Connection => connection;

    /// <summary>The prepared statement of this text, with its parameters set.</summary>
    public DbCommand Prepare(string sql, DbTransaction? transaction, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        if (!_commands.TryGetValue(sql, out var command))
        {
            command = connection.CreateCommand();
            command.CommandText = sql;
            foreach (var (name, value) in parameters)
            {
                var parameter = command.CreateParameter();
                parameter.ParameterName = name;
                parameter.Value = value;
                command.Parameters.Add(parameter);
            }

            command.Transaction = transaction;
            command.Prepare();
            _commands.Add(sql, command);
            return command;
        }

        for (var i = 0; i < parameters.Length; i++)
        {
            command.Parameters[i].Value = parameters[i].Value;
        }

        command.Transaction = transaction;
        return command;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands.Values)
        {
            await command.DisposeAsync();
        }

        if (owns)
        {
            await connection.DisposeAsync();
        }
    }
}
